//! A hostile file is refused with its place, or read within bounds.

use super::desk::{Desk, exam};

#[test]
fn rates_that_no_recorder_has_are_refused_with_the_place() {
    let desk = Desk::new();
    desk.save("plain.edf", &exam());
    let bytes = std::fs::read(desk.at("plain.edf")).unwrap();
    for duration in ["1e-300", "1e-9", "1e-6", "1e9", "nan", "-1"] {
        let mut edf = bytes.clone();
        edf[244..252].copy_from_slice(format!("{duration:<8}").as_bytes());
        desk.write("a.edf", edf);
        for args in ["info a.edf", "convert a.edf b.edf", "page a.edf -o p.svg"] {
            let said = desk.refused(args);
            assert!(said.err.contains("byte 244"), "{duration}: {}", said.err);
        }
    }
    for rate in ["1e300", "0.01", "1e6"] {
        desk.write(
            "r.hea",
            format!("r 1 {rate} 4\nr.dat 16 200 16 0 0 0 0 I\n"),
        );
        desk.write("r.dat", [0; 8]);
        let said = desk.refused("convert r.hea b.edf");
        assert!(said.err.contains("line 1, rate"), "{}", said.err);
        desk.write(
            "a.csv",
            format!("# unit: mV\n# rate_hz: {rate}\nI,II\n0,1\n0,1\n"),
        );
        let said = desk.refused("convert a.csv b.edf");
        assert!(said.err.contains("rate"), "{}", said.err);
    }
}

#[test]
fn a_skew_beyond_any_tape_is_refused_with_the_place() {
    let desk = Desk::new();
    desk.write("r.dat", [0; 4000]);
    for skew in ["1099511627776", "20000"] {
        desk.write(
            "r.hea",
            format!("r 1 500 100\nr.dat 16:{skew} 200 16 0 0 0 0 I\n"),
        );
        let said = desk.refused("info r.hea");
        assert!(said.err.contains("line 2, skew"), "{}", said.err);
    }
}

#[test]
fn thirty_hostile_fields_end_in_words() {
    let desk = Desk::new();
    desk.save("plain.edf", &exam());
    desk.save("plain.hea", &exam());
    let edf = std::fs::read(desk.at("plain.edf")).unwrap();
    let header = desk.text("plain.hea");
    for value in [
        "",
        "-1",
        "0",
        "1e308",
        "nan",
        "99999999",
        "\u{1b}[2J",
        "=1+1",
    ] {
        for at in [184, 236, 244, 252, 256 + 16] {
            let mut bytes = edf.clone();
            let field = format!("{value:<8}");
            let width = if at == 252 { 4 } else { 8 };
            bytes[at..at + width].copy_from_slice(&field.as_bytes()[..width]);
            desk.write("a.edf", bytes);
            desk.run("info a.edf --seconds 2");
        }
        for number in ["500", "5000", "16", "1000(0)/mV"] {
            desk.write("a.hea", header.replace(number, value));
            desk.run("info a.hea --seconds 2");
        }
    }
}
