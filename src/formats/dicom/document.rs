//! A page as a DICOM object: a PDF inside an Encapsulated PDF (PS3.3 A.45.1), in the study of the
//! recording that it shows.

use super::{
    annotations::ECG_PANORAMA,
    elements::Elements,
    write::{SOFTWARE, hashed_uid, instance, meta, of_study, patient, study_uid},
};
use crate::ecg::Recording;

const CLASS: &str = "1.2.840.10008.5.1.4.1.1.104.1";

/// The bytes of a PDF as a DICOM object about `recording`, whose leads may be any.
pub fn pdf_as_dicom(pdf: &[u8], recording: &Recording) -> Vec<u8> {
    let uid = |level: &str| hashed_uid(&[level.as_bytes(), pdf].concat());
    let instance_uid = uid("instance");
    let study_uid = study_uid(recording).unwrap_or_else(|| uid("study"));
    let mut out = Elements {
        bytes: meta(CLASS, &instance_uid),
    };
    out.text((0x0008, 0x0005), b"CS", "ISO_IR 192");
    instance(&mut out, recording, CLASS, &instance_uid);
    out.text((0x0008, 0x0064), b"CS", "WSD")
        .text((0x0008, 0x0070), b"LO", ECG_PANORAMA)
        .text((0x0008, 0x0090), b"PN", "");
    patient(&mut out, recording);
    out.text((0x0018, 0x1020), b"LO", SOFTWARE)
        .text((0x0020, 0x000d), b"UI", &study_uid)
        .text((0x0020, 0x000e), b"UI", &uid("series"))
        .text((0x0020, 0x0010), b"SH", of_study(recording, |it| &it.id))
        .text((0x0020, 0x0011), b"IS", "1")
        .text((0x0020, 0x0013), b"IS", "1")
        // Names stand in the picture, unless they were taken out of the recording.
        .text((0x0028, 0x0301), b"CS", "YES")
        .code((0x0040, 0xa043), ["11524-6", "LN", "EKG study"])
        .text((0x0042, 0x0010), b"ST", "Electrocardiogram")
        .raw((0x0042, 0x0011), b"OB", pdf, 0)
        .text((0x0042, 0x0012), b"LO", "application/pdf");
    out.bytes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        ecg::{Lead, LeadName, LeadSet, SampleRate, Study},
        formats::{ReadOptions, read_bytes},
    };

    #[test]
    fn a_page_lies_in_the_study_and_is_no_waveform() {
        let leads = vec![Lead::measured(LeadName::I, vec![0.0; 10])];
        let leads = LeadSet::new(SampleRate::from_hz(500.0).unwrap(), leads).unwrap();
        let recording = Recording {
            study: Some(Study {
                uid: "1.2.3.4".into(),
                ..Study::default()
            }),
            ..Recording::from_leads(leads)
        };
        let bytes = pdf_as_dicom(b"%PDF-1.4 page", &recording);
        let holds = |text: &[u8]| bytes.windows(text.len()).any(|it| it == text);
        assert!(holds(b"%PDF-1.4 page") && holds(b"1.2.3.4\0") && holds(b"application/pdf"));
        let error = read_bytes("page.dcm", &bytes, &ReadOptions::default());
        let words = error.err().map(|it| it.to_string()).unwrap();
        assert!(words.contains("PDF"), "{words}");
    }
}
