# Counting necklaces: orbits of a group on colourings, by Burnside's lemma and by brute force.

# Number of colourings of the points 1..n with k colours, up to the action of the group G.
CountColourings := function(G, n, k)
    local total, g, cycles;
    total := 0;
    for g in G do
        cycles := Length(Orbits(Group(g), [1 .. n]));
        total := total + k ^ cycles;
    od;
    return total / Size(G);
end;

# The same number, by listing all colourings and computing their orbits.
CountColouringsSlowly := function(G, n, k)
    return Length(Orbits(G, Tuples([1 .. k], n), Permuted));
end;

# Rotations only: cyclic group. With reflections: dihedral group.
Necklaces := {n, k} -> CountColourings(CyclicGroup(IsPermGroup, n), n, k);
Bracelets := {n, k} -> CountColourings(DihedralGroup(IsPermGroup, 2 * n), n, k);

for n in [3 .. 7] do
    Print("n = ", n, ": ", Necklaces(n, 2), " necklaces, ", Bracelets(n, 2), " bracelets\n");
    if Necklaces(n, 2) <> CountColouringsSlowly(CyclicGroup(IsPermGroup, n), n, 2) then
        Error("the two counts differ");
    fi;
od;

# The rotations of a cube act on its six faces; with three colours there are 57 colourings.
cube := Group((1, 2, 3, 4), (1, 5, 3, 6));
Print("cube: ", Size(cube), " rotations, ", CountColourings(cube, 6, 3), " colourings\n");
