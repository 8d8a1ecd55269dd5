//! Inside a room, no file may need another one that needs it back. What a `mod.rs` only passes on
//! is looked through to the file that defines it, so a room's index ties no knot.

use std::collections::{BTreeMap, BTreeSet};

use super::source::{House, Module, Reach, SourceFile, definition, house, parse, paths};

/// What each file needs of its room: the other file, and a path that says so.
type Needs = BTreeMap<Module, BTreeMap<Module, String>>;

fn needs(house: &House) -> Needs {
    let of_file = |(module, file): (&Module, &SourceFile)| {
        let imported = file
            .imports
            .iter()
            .filter(|(reach, named)| *reach == Reach::File || file.mentions(&named.alias));
        let paths = imported
            .map(|it| it.1.path.clone())
            .chain(paths(&file.body));
        let needed = paths.filter_map(|path| {
            let target = definition(house, module, &path)?;
            (target != *module && target[0] == module[0]).then(|| (target, path.join("::")))
        });
        (module.clone(), needed.collect())
    };
    house.iter().map(of_file).collect()
}

/// Files that need one another, the largest groups that do.
fn circles(needs: &Needs) -> Vec<BTreeSet<&Module>> {
    let reached: BTreeMap<&Module, BTreeSet<&Module>> = needs
        .keys()
        .map(|module| (module, reachable(needs, module)))
        .collect();
    let tied = |module: &'_ &Module| reached[*module].contains(*module);
    let group = |module: &&Module| {
        let others = reached[*module].iter().copied();
        others
            .filter(|other| reached[*other].contains(*module))
            .collect()
    };
    let groups: BTreeSet<BTreeSet<&Module>> =
        needs.keys().filter(tied).map(|it| group(&it)).collect();
    groups.into_iter().collect()
}

fn reachable<'a>(needs: &'a Needs, from: &Module) -> BTreeSet<&'a Module> {
    let mut reached = BTreeSet::new();
    let mut open: Vec<&Module> = needs[from].keys().collect();
    while let Some(module) = open.pop() {
        if reached.insert(module) {
            open.extend(needs[module].keys());
        }
    }
    reached
}

#[test]
fn no_file_needs_one_that_needs_it_back() {
    let house = house();
    let needs = needs(&house);
    let place = |module: &Module| format!("src/{}", house[module].place.display());
    let mut report = String::new();
    for circle in circles(&needs) {
        report += "\na circle:\n";
        for from in &circle {
            for (to, path) in needs[*from].iter().filter(|it| circle.contains(it.0)) {
                report += &format!("  {} needs {} for {path}\n", place(from), place(to));
            }
        }
    }
    assert!(report.is_empty(), "{report}");
}

#[test]
fn circles_are_seen_through_an_index() {
    let seen = |files: &[(&str, &str)]| {
        let house = files
            .iter()
            .map(|(module, source)| {
                let path = module.split('/').map(str::to_owned).collect();
                (path, parse(format!("{module}.rs").into(), source))
            })
            .collect();
        let needs = needs(&house);
        let join = |it: BTreeSet<&Module>| {
            let names: Vec<String> = it.iter().map(|module| module.join("/")).collect();
            names.join(" ")
        };
        circles(&needs).into_iter().map(join).collect::<Vec<_>>()
    };
    let index = ("draw", "mod a; mod b; pub use {a::A, b::B};");
    let through_index = [
        index,
        ("draw/a", "use super::B;"),
        ("draw/b", "use super::A;"),
    ];
    assert_eq!(seen(&through_index), ["draw/a draw/b"]);
    let one_way = [
        index,
        ("draw/a", "use super::B;"),
        ("draw/b", "pub struct B;"),
    ];
    assert!(seen(&one_way).is_empty());
    let by_module = [
        ("draw", "mod a; mod b;"),
        ("draw/a", "use super::b; fn f() { b::g() }"),
        ("draw/b", "fn g() { crate::draw::a::f() }"),
    ];
    assert_eq!(seen(&by_module), ["draw/a draw/b"]);
    let index_with_code = [
        ("draw", "mod a; pub use a::A; pub struct Page(A);"),
        ("draw/a", "use super::Page; pub struct A;"),
    ];
    assert_eq!(seen(&index_with_code), ["draw draw/a"]);
    let in_tests = [
        ("draw", "mod a; mod b;"),
        ("draw/a", "use super::b::B;"),
        ("draw/b", "mod tests { use super::super::a::A; }"),
    ];
    assert!(seen(&in_tests).is_empty());
}
