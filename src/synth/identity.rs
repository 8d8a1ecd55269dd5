//! Which program it was: a hash of all numbers that a synthesised lead depends on beside the recording.

use std::sync::LazyLock;

use sha2::{Digest, Sha256};

/// SHA-256, in hexadecimal, of the shipped field prior, both weight sets with their settings, and the constants of the error model.
pub fn model_sha256() -> &'static str {
    static HASH: LazyLock<String> = LazyLock::new(|| {
        let parts: [&[u8]; 6] = [
            include_bytes!("../../assets/field_prior.bin"),
            include_bytes!("../../assets/trust.json"),
            include_bytes!("../../weights/shipped.json"),
            include_bytes!("../../weights/shipped.bpk"),
            include_bytes!("../../weights/unseen.json"),
            include_bytes!("../../weights/unseen.bpk"),
        ];
        let mut hasher = Sha256::new();
        parts.iter().for_each(|it| hasher.update(it));
        hasher.finalize().iter().map(|it| format!("{it:02x}")).collect()
    });
    &HASH
}
