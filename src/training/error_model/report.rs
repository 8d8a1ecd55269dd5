//! The cases of a fit as stated errors: what the new constants say of each.

use super::cases::{Case, Source};
use crate::{ecg::N_PHASES, evaluate::StatedError, synth::ErrorConstants};

use super::fit::main_group;

/// What the constants state of each case of a source, beside the truth.
pub(super) fn stated(source: &Source, constants: &ErrorConstants) -> Vec<StatedError> {
    let one = |case: &Case| {
        let stated = stated_mv(constants, case);
        let inside = |wave: usize| {
            let scale = case.stated_mv[wave] / stated[wave];
            let width = constants.half_width(wave, &case.shares);
            let those = case.samples.iter().filter(|it| it.0 == wave);
            those.fold((0.0, 0.0), |sum, it| {
                let is_inside = f64::from(it.1) * scale <= width;
                (sum.0 + f64::from(u8::from(is_inside)), sum.1 + 1.0)
            })
        };
        let [qrs, st, t, rest] = case.true_mv;
        StatedError {
            source: source.name.clone(),
            group: main_group(case),
            grade: None,
            stated_uv: stated.map(|mv| 1000.0 * mv),
            true_uv: [qrs, st, t, rest, case.whole_mv].map(|mv| 1000.0 * mv),
            inside: std::array::from_fn(inside),
        }
    };
    source.cases.iter().map(one).collect()
}

/// What the constants state of one case, mV: QRS, ST, T, the rest, all.
fn stated_mv(constants: &ErrorConstants, case: &Case) -> [f64; N_PHASES + 1] {
    let surprise = constants.left_out.surprise(&case.left_out);
    let wave = |wave: usize| {
        let features = case.features_of(wave, surprise);
        constants.rmse_mv(wave, &case.shares, &features)
    };
    let each: [f64; N_PHASES] = std::array::from_fn(wave);
    let square: f64 = each.iter().zip(case.time).map(|(a, t)| t * a * a).sum();
    let whole = constants.whole(&case.shares) * square.sqrt();
    [each[0], each[1], each[2], each[3], whole]
}
