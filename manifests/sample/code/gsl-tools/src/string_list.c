/* A growing list of strings. No numerics here. */
#include <stdlib.h>
#include <string.h>

struct string_list {
    char **items;
    size_t count, capacity;
};

int string_list_push(struct string_list *list, const char *text)
{
    if (list->count == list->capacity) {
        size_t capacity = list->capacity ? 2 * list->capacity : 8;
        char **items = realloc(list->items, capacity * sizeof *items);
        if (!items)
            return -1;
        list->items = items;
        list->capacity = capacity;
    }
    char *copy = malloc(strlen(text) + 1);
    if (!copy)
        return -1;
    strcpy(copy, text);
    list->items[list->count++] = copy;
    return 0;
}

void string_list_free(struct string_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        free(list->items[i]);
    free(list->items);
    memset(list, 0, sizeof *list);
}
