//! How wide the doors are: what a room's `mod.rs` offers to the others.

use std::collections::BTreeMap;

use super::{
    ROOMS,
    source::{House, Module, Reach, Token, definition, house, name},
};

/// Names that two rooms still use for two things.
const SHARED: &[&str] = &["Comparison", "Exam", "LeftOut"];

/// Names that others can take from a room, each with the module whose file defines it.
fn offered(house: &House, room: &str) -> BTreeMap<String, Module> {
    let module = vec![room.to_owned()];
    let index = &house[&module];
    let passed_on = index
        .imports
        .iter()
        .filter(|it| it.0 == Reach::Crate)
        .filter_map(|(_, named)| {
            let owner = definition(house, &module, &named.path)?;
            Some((named.alias.clone(), owner))
        });
    let own = defined(&index.body).map(|text| (text, module.clone()));
    passed_on.chain(own).collect()
}

/// Names of the items that are `pub` or `pub(crate)` at the top level of a file.
fn defined(body: &[Token]) -> impl Iterator<Item = String> {
    const ITEMS: [&str; 8] = [
        "fn", "struct", "enum", "trait", "type", "const", "static", "mod",
    ];
    let mut depth = 0;
    let is_top_level: Vec<bool> = body
        .iter()
        .map(|token| {
            depth +=
                i32::from(*token == Token::Other('{')) - i32::from(*token == Token::Other('}'));
            depth == 0
        })
        .collect();
    body.windows(3)
        .zip(is_top_level)
        .filter_map(|(three, is_top_level)| match three {
            [
                Token::Name(_) | Token::Other(')'),
                Token::Name(item),
                Token::Name(text),
            ] if is_top_level
                && ITEMS.contains(&item.as_str())
                && [name("pub"), Token::Other(')')].contains(&three[0]) =>
            {
                Some(text.clone())
            }
            _ => None,
        })
}

#[test]
fn doors_are_no_wider_than_their_row() {
    let house = house();
    let mut report = String::new();
    for room in ROOMS {
        let offered = offered(&house, room.name);
        if room.names < offered.len() {
            report += &format!(
                "{} offers {} names, its row says {}: {:?}\n",
                room.name,
                offered.len(),
                room.names,
                offered.keys().collect::<Vec<_>>()
            );
        }
    }
    assert!(report.is_empty(), "\n{report}");
}

#[test]
fn a_type_name_means_one_thing() {
    let house = house();
    let mut owners: BTreeMap<String, Vec<Module>> = BTreeMap::new();
    for room in ROOMS {
        let types = offered(&house, room.name).into_iter();
        for (text, owner) in types.filter(|it| it.0.starts_with(char::is_uppercase)) {
            let known = owners.entry(text).or_default();
            if !known.contains(&owner) {
                known.push(owner);
            }
        }
    }
    owners.retain(|text, owners| 1 < owners.len() && !SHARED.contains(&text.as_str()));
    assert!(owners.is_empty(), "{owners:#?}");
}
