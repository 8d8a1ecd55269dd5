//! The networks that were published, GeoVT as printed and Nef-Net's form, trained on samples from
//! nothing: the whole view, not what a mix leaves over. For the comparison, not for shipping.

mod angle;
mod attention;
mod encoder;
mod head;
mod model;
#[cfg(test)]
mod reference;
mod train;
mod transformer;

pub use model::{GeoVt, GeoVtConfig};
pub(super) use train::{BaselineSettings, score_baseline, train_baseline};
