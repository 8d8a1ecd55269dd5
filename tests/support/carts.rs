//! Small files of carts and recorders, made here: a few samples of two leads in each format.

/// A DICOM element in explicit syntax, little end first.
pub fn element(tag: (u16, u16), vr: &[u8; 2], value: &[u8]) -> Vec<u8> {
    let mut out = [tag.0.to_le_bytes(), tag.1.to_le_bytes()].concat();
    out.extend(vr);
    let mut value = value.to_vec();
    if value.len() % 2 == 1 {
        value.push(if matches!(vr, b"UI" | b"OB") { 0 } else { b' ' });
    }
    let is_long = matches!(vr, b"OB" | b"OW" | b"SQ" | b"UN" | b"UT");
    if is_long {
        out.extend([0, 0]);
        out.extend((value.len() as u32).to_le_bytes());
    } else {
        out.extend((value.len() as u16).to_le_bytes());
    }
    out.extend(value);
    out
}

/// A sequence of items, each of given or of undefined length.
pub fn sequence(tag: (u16, u16), items: &[Vec<u8>], is_defined: bool) -> Vec<u8> {
    let mut value = Vec::new();
    for item in items {
        value.extend([0xfe, 0xff, 0x00, 0xe0]);
        let len = if is_defined {
            item.len() as u32
        } else {
            u32::MAX
        };
        value.extend(len.to_le_bytes());
        value.extend(item);
        if !is_defined {
            value.extend([0xfe, 0xff, 0x0d, 0xe0, 0, 0, 0, 0]);
        }
    }
    if is_defined {
        return element(tag, b"SQ", &value);
    }
    let mut out = [tag.0.to_le_bytes(), tag.1.to_le_bytes()].concat();
    out.extend(b"SQ\0\0\xff\xff\xff\xff");
    out.extend(value);
    out.extend([0xfe, 0xff, 0xdd, 0xe0, 0, 0, 0, 0]);
    out
}

fn code(value: &str, scheme: &str) -> Vec<u8> {
    [
        element((0x0008, 0x0100), b"SH", value.as_bytes()),
        element((0x0008, 0x0102), b"SH", scheme.as_bytes()),
    ]
    .concat()
}

/// One channel definition: MDC code, sensitivity, correction, baseline, skew.
pub fn channel(lead: &str, numbers: [&str; 4]) -> Vec<u8> {
    let [sensitivity, correction, baseline, skew] = numbers;
    [
        sequence((0x003a, 0x0208), &[code(lead, "MDC")], true),
        element((0x003a, 0x0210), b"DS", sensitivity.as_bytes()),
        sequence((0x003a, 0x0211), &[code("uV", "UCUM")], true),
        element((0x003a, 0x0212), b"DS", correction.as_bytes()),
        element((0x003a, 0x0213), b"DS", baseline.as_bytes()),
        element((0x003a, 0x0215), b"DS", skew.as_bytes()),
    ]
    .concat()
}

/// One multiplex group.
pub fn group(
    label: &str,
    channels: &[Vec<u8>],
    n_samples: u32,
    coding: (u16, &str),
    beside: &[u8],
    data: &[u8],
) -> Vec<u8> {
    [
        element((0x003a, 0x0004), b"CS", b"ORIGINAL"),
        element(
            (0x003a, 0x0005),
            b"US",
            &(channels.len() as u16).to_le_bytes(),
        ),
        element((0x003a, 0x0010), b"UL", &n_samples.to_le_bytes()),
        element((0x003a, 0x001a), b"DS", b"500"),
        element((0x003a, 0x0020), b"SH", label.as_bytes()),
        sequence((0x003a, 0x0200), channels, false),
        element((0x5400, 0x1004), b"US", &coding.0.to_le_bytes()),
        element((0x5400, 0x1006), b"CS", coding.1.as_bytes()),
        beside.to_vec(),
        element((0x5400, 0x1010), b"OW", data),
    ]
    .concat()
}

/// The data set of a 12-lead ECG, without meta information.
pub fn dataset(groups: &[Vec<u8>]) -> Vec<u8> {
    [
        element((0x0008, 0x0016), b"UI", b"1.2.840.10008.5.1.4.1.1.9.1.1"),
        element((0x0008, 0x002a), b"DT", b"20240102030405"),
        element((0x0010, 0x0010), b"PN", b"Doe^Jane"),
        sequence((0x5400, 0x0100), groups, false),
    ]
    .concat()
}

/// A whole file: preamble, meta information with a transfer syntax, data set.
pub fn dicom(syntax: &str, dataset: &[u8]) -> Vec<u8> {
    let meta = element((0x0002, 0x0010), b"UI", syntax.as_bytes());
    [&[0; 128], &b"DICM"[..], &meta, dataset].concat()
}

fn le(numbers: &[i16]) -> Vec<u8> {
    numbers.iter().flat_map(|it| it.to_le_bytes()).collect()
}

/// Samples of leads I and II in turn.
pub const COUNTS: [i16; 12] = [0, 10, 5, 20, -5, 30, 100, 40, -32768, 50, 7, 60];

/// A small DICOM file with two leads.
pub fn small_dicom() -> Vec<u8> {
    let channels = [
        channel("2:1", ["2.5", "1", "0", "0"]),
        channel("2:2", ["1", "4.88", "10", "0"]),
    ];
    let group = group("RHYTHM", &channels, 6, (16, "SS"), &[], &le(&COUNTS));
    dicom("1.2.840.10008.1.2.1", &dataset(&[group]))
}

/// A small SCP-ECG file with two plain leads.
pub fn small_scp() -> Vec<u8> {
    let section = |id: u16, data: &[u8]| {
        let mut out = vec![0, 0];
        out.extend(id.to_le_bytes());
        out.extend((data.len() as u32 + 16).to_le_bytes());
        out.extend([20, 20]);
        out.extend(if id == 0 { *b"SCPECG" } else { [0; 6] });
        out.extend(data);
        out
    };
    let header = [
        &[25, 4, 0, 0xe8, 0x07, 1, 2][..],
        &[26, 3, 0, 3, 4, 5],
        &[255, 0, 0],
    ]
    .concat();
    let mut leads = vec![2, 0];
    for lead in [1u8, 2] {
        leads.extend(1u32.to_le_bytes());
        leads.extend(6u32.to_le_bytes());
        leads.push(lead);
    }
    let column =
        |first: usize| -> Vec<i16> { COUNTS[first..].iter().step_by(2).copied().collect() };
    let mut rhythm = [2500u16.to_le_bytes(), 2000u16.to_le_bytes()].concat();
    rhythm.extend([0, 0, 12, 0, 12, 0]);
    rhythm.extend(le(&column(0)));
    rhythm.extend(le(&column(1)));
    let sections = [
        (1u16, section(1, &header)),
        (3, section(3, &leads)),
        (6, section(6, &rhythm)),
    ];
    let mut pointers = Vec::new();
    let mut at = 6 + 16 + 40;
    for (id, bytes) in std::iter::once((0, 56)).chain(sections.iter().map(|it| (it.0, it.1.len())))
    {
        pointers.extend(id.to_le_bytes());
        pointers.extend((bytes as u32).to_le_bytes());
        let first = if id == 0 { 7 } else { at as u32 + 1 };
        pointers.extend(first.to_le_bytes());
        at += if id == 0 { 0 } else { bytes };
    }
    let mut out = vec![0, 0];
    out.extend((at as u32).to_le_bytes());
    out.extend(section(0, &pointers));
    sections.iter().for_each(|it| out.extend(&it.1));
    out
}

/// A small ISHNE file with two leads.
pub fn small_ishne() -> Vec<u8> {
    let mut out = vec![0; 522];
    out[..8].copy_from_slice(b"ISHNE1.0");
    let mut put = |at: usize, bytes: &[u8]| out[at..at + bytes.len()].copy_from_slice(bytes);
    put(14, &6u32.to_le_bytes());
    put(18, &522u32.to_le_bytes());
    put(22, &522u32.to_le_bytes());
    put(26, &1u16.to_le_bytes());
    put(138, &le(&[2, 1, 2024]));
    put(156, &2u16.to_le_bytes());
    put(158, &le(&[5, 6]));
    put(206, &le(&[2500, 2500]));
    put(272, &500u16.to_le_bytes());
    out.extend(le(&COUNTS));
    out
}

/// A small AliveCor file with one lead.
pub fn small_atc() -> Vec<u8> {
    let mut out = b"ALIVE\0\0\0\x03\0\0\0".to_vec();
    let mut block = |name: &[u8; 4], data: &[u8]| {
        let body = [&name[..], &(data.len() as u32).to_le_bytes(), data].concat();
        let sum: u32 = body.iter().map(|it| u32::from(*it)).sum();
        out.extend(body);
        out.extend(sum.to_le_bytes());
    };
    block(b"fmt ", &[1, 0x2c, 1, 0xf4, 1, 2, 0, 0]);
    block(b"ecg ", &le(&COUNTS));
    block(b"ann ", &[0x2c, 1, 0, 0, 3, 0, 0, 0, 1, 0]);
    out
}

/// A small Contec file.
pub fn small_contec() -> Vec<u8> {
    let mut out = b"0000050\0\0\0".to_vec();
    out.extend(b"2020-11-16 21:44:39\0");
    out.extend([0; 13]);
    for frame in 0..6i16 {
        out.extend(le(&[
            2048 + frame,
            2040 - frame,
            26_624,
            26_624,
            26_624,
            26_624,
            2000,
            2001,
        ]));
    }
    out.extend([0; 37]);
    out
}

/// Small files of XML, JSON and text, by a name for each.
pub fn small_texts() -> Vec<(&'static str, Vec<u8>)> {
    let sequence = |code: &str, value: &str| {
        format!(
            "<component><sequence><code code=\"{code}\"/><value>{value}</value></sequence></component>"
        )
    };
    let lead = |code: &str| {
        sequence(
            code,
            "<origin value=\"1\" unit=\"uV\"/><scale value=\"2.5\" unit=\"uV\"/><digits>1 2 3 -4</digits>",
        )
    };
    let time = sequence(
        "TIME_ABSOLUTE",
        "<head value=\"20240102030405\"/><increment value=\"2\" unit=\"ms\"/>",
    );
    let leads = lead("MDC_ECG_LEAD_I") + &lead("MDC_ECG_LEAD_II");
    let aecg = format!(
        "<AnnotatedECG><component><series><code code=\"RHYTHM\"/><component><sequenceSet>{time}{leads}</sequenceSet></component></series></component></AnnotatedECG>"
    );
    let muse_lead = |name: &str| {
        format!(
            "<LeadData><LeadID>{name}</LeadID><LeadAmplitudeUnits>MICROVOLTS</LeadAmplitudeUnits><LeadAmplitudeUnitsPerBit>4.88</LeadAmplitudeUnitsPerBit><WaveFormData>AQACAAMA/P8=</WaveFormData></LeadData>"
        )
    };
    let muse = format!(
        "<RestingECG><Waveform><WaveformType>Rhythm</WaveformType><SampleBase>500</SampleBase><HighPassFilter>16</HighPassFilter>{}{}</Waveform></RestingECG>",
        muse_lead("I"),
        muse_lead("II")
    );
    // Lead I of one string: code 1 twice, then the end.
    let xli = "BAAAAAEAAAAAQBP/";
    let sierra = |attributes: &str, data: &str| {
        format!(
            "<restingecgdata><dataacquisition><signalcharacteristics><samplingrate>500</samplingrate><resolution>5</resolution></signalcharacteristics></dataacquisition><parsedwaveforms leadlabels=\"I II\" {attributes}>{data}</parsedwaveforms></restingecgdata>"
        )
    };
    let cardiosoft = "<CardiologyXML><StripData><SampleRate>500</SampleRate><Resolution units=\"uVperLsb\">5</Resolution><WaveformData lead=\"I\">1,2,3,4</WaveformData><WaveformData lead=\"II\">5,6,7,8</WaveformData></StripData></CardiologyXML>";
    let fhir = "{\"resourceType\":\"Observation\",\"component\":[{\"code\":{\"coding\":[{\"code\":\"131329\"}]},\"valueSampledData\":{\"origin\":{\"value\":0,\"unit\":\"uV\"},\"period\":2,\"factor\":2.5,\"dimensions\":1,\"data\":\"1 2 E -4\"}}]}";
    let apple = "Name,A\nRecorded Date,2026-03-14 09:15:00 -0400\nSample Rate,512 hertz\nLead,Lead I\nUnit,\u{b5}V\n\n0.1\n0.2\n-0.3\n";
    let lab_chart = "Interval=\t0.002 s\nChannelTitle=\tECG\nRange=\t10.000 mV\n0.000\t0.5\n0.002\t0.25\t#* note\n";
    let open_signals = "# OpenSignals Text File Format\n# {\"x\": {\"sensor\": [\"ECG\"], \"column\": [\"nSeq\", \"A2\"], \"device\": \"bitalino\", \"sampling rate\": 1000, \"label\": [\"A2\"], \"resolution\": [4, 10]}}\n# EndOfHeader\n0\t500\t\n1\t510\t\n";
    let shimmer = "\"sep=\t\"\nTimestamp_Unix\tECG_LL-RA\t\nms\tmV\t\n1589364225000.0\t0.1\t\n1589364225002.0\t0.2\t\n";
    let rdsamp = "'Elapsed time','MLII'\n'hh:mm:ss.mmm','mV'\n'0:00.000',0.1\n'0:00.003',-\n'0:00.006',0.2\n";
    let utf_16: Vec<u8> = std::iter::once(0xfeff)
        .chain(muse.encode_utf16())
        .flat_map(u16::to_le_bytes)
        .collect();
    vec![
        ("aecg", aecg.into_bytes()),
        ("muse", muse.clone().into_bytes()),
        ("muse_utf_16", utf_16),
        (
            "sierra_xli",
            sierra("compression=\"XLI\"", &format!("{xli}{xli}")).into_bytes(),
        ),
        ("sierra_plain", sierra("", "AQACAAMABAA=").into_bytes()),
        ("cardiosoft", cardiosoft.into()),
        ("fhir", fhir.into()),
        ("apple", apple.into()),
        ("lab_chart", lab_chart.into()),
        ("open_signals", open_signals.into()),
        ("shimmer", shimmer.into()),
        ("rdsamp", rdsamp.into()),
    ]
}

/// All of them.
pub fn small_files() -> Vec<(&'static str, Vec<u8>)> {
    let mut out = vec![
        ("dicom", small_dicom()),
        ("scp", small_scp()),
        ("ishne", small_ishne()),
        ("atc", small_atc()),
        ("contec", small_contec()),
    ];
    out.extend(small_texts());
    out
}
