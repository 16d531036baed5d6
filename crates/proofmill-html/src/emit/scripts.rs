//! Superscripts and subscripts of HTML.

use super::Emitter;
use crate::detect::Action;
use crate::tag::Tag;
use crate::tree::NodeId;

impl Emitter<'_, '_> {
    /// `x<sup>2</sup>` as `x^2`, ordinals and the like as they are, footnote marks not at all.
    pub(super) fn script(&mut self, node: NodeId) -> NodeId {
        let tree = self.tree;
        let end = tree.end(node);
        let is_simple = (node + 1..end).all(|at| {
            !tree.tag(at).is_block()
                && self.map.action(at) == Action::Enter
                && tree.tag(at) != Tag::IMG
        });
        if !is_simple {
            return node + 1;
        }
        let is_footnote = tree.class(node).contains("reference")
            || tree.class(node).contains("footnote")
            || (node + 1..end).any(|at| {
                tree.tag(at) == Tag::A
                    && tree
                        .attribute(at, "href")
                        .is_some_and(|href| href.contains('#'))
            });
        if is_footnote {
            return end;
        }
        let mark = if tree.tag(node) == Tag::SUP { '^' } else { '_' };
        let mut text = String::new();
        self.script_text(node, &mut text);
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        let is_attached = self.run.last_letter().is_some_and(|letter| {
            letter.is_alphanumeric()
                || matches!(letter, ')' | ']' | '|' | '}' | '\'' | '∑' | '∫' | '∏' | '∂')
        });
        let is_plain = text.is_empty()
            || !is_attached
            || matches!(
                text.to_lowercase().as_str(),
                "st" | "nd"
                    | "rd"
                    | "th"
                    | "er"
                    | "re"
                    | "ème"
                    | "eme"
                    | "tm"
                    | "®"
                    | "™"
                    | "©"
                    | "ª"
                    | "º"
                    | "o"
            ) && self
                .run
                .last_letter()
                .is_some_and(|letter| letter.is_ascii_digit() || text.len() > 2)
            || self.run.last_word_len() > 6
                && mark == '^'
                && !text.contains(|c: char| c.is_ascii_digit())
            || text.contains(['[', '*', '†', '‡']) && mark == '^';
        let is_prime = text
            .chars()
            .all(|letter| matches!(letter, '′' | '″' | '‴' | '\'' | '’'));
        if is_plain || is_prime {
            self.run.push(&text);
            return end;
        }
        let mut script = String::new();
        script.push(mark);
        if text.chars().count() == 1 {
            script.push_str(&text);
        } else {
            script.push('{');
            script.push_str(&text);
            script.push('}');
        }
        self.run.push(&script);
        end
    }

    /// The text of a script, scripts inside it written the same way.
    fn script_text(&self, node: NodeId, out: &mut String) {
        let tree = self.tree;
        let mut open: Vec<NodeId> = Vec::new();
        for at in node + 1..tree.end(node) {
            while open.last().is_some_and(|end| *end <= at) {
                open.pop();
                out.push('}');
            }
            match tree.tag(at) {
                Tag::TEXT => out.push_str(&tree.text(at)),
                Tag::SUP => {
                    out.push_str("^{");
                    open.push(tree.end(at));
                }
                Tag::SUB => {
                    out.push_str("_{");
                    open.push(tree.end(at));
                }
                _ => {}
            }
        }
        out.push_str(&"}".repeat(open.len()));
    }
}
