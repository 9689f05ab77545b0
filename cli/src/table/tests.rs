//! Every table at 80 and at 120 columns, with long names and large numbers.

use super::*;
use std::time::Duration;

#[test]
fn numbers_are_readable() {
    assert_eq!(thousands(0), "0");
    assert_eq!(thousands(999), "999");
    assert_eq!(thousands(1_234_567), "1,234,567");
    assert_eq!(si(966_700_000.0), "967 M");
    assert_eq!((si(1234.0), si(7.0), si(0.5)), ("1.23 k".into(), "7".into(), "0.50".into()));
    assert_eq!(bytes(12), "12 B");
    assert_eq!(bytes(1_350_000_000), "1.35 GB");
    assert_eq!(duration(10_000.0), "10 s");
    assert_eq!(duration(0.5), "0.5 ms");
    assert_eq!(duration(429_496_729.4), "429496.7294 s");
    assert_eq!(bytes(1_100_000_000_000), "1.10 TB");
    assert_eq!(real_time(Some(0.25)), "real-time factor 0.2500 (4.0 x faster than real time)");
}

#[test]
fn a_digest_is_cut_to_16_digits() {
    assert_eq!(short(Some("0123456789abcdef0123")), "0123456789abcdef");
    assert_eq!(short(None), "-");
}

const LONG: &str = "layer_4_excitatory_spiny_stellate_cells_of_column_A";
const DIGEST: &str = "523a34ded22ccbe5001122334455667788990011223344556677889900112233";
const DEVICE: &str = "AMD EPYC 9B14 96-Core Processor, AVX-512, JIT, up to 192 threads";

/// The rendering at 80 and 120 columns: no line is wider, and no word of it is a part of another,
/// as those of a rendering without a limit are whole. A cell that is shortened says so.
fn fits(render: impl Fn(usize) -> String) {
    let wide = render(100_000);
    let whole: Vec<&str> = wide.split_whitespace().collect();
    for width in [80, 120] {
        let text = render(width);
        for line in text.lines().filter(|line| !line.starts_with("wrote ")) {
            assert!(fit::width_of(line) <= width, "wider than {width}: {line}\n{text}");
        }
        let words: Vec<&str> = text.split_whitespace().collect();
        for word in &words {
            let known = whole.contains(word) || word.contains('…') || word.starts_with('─');
            assert!(known || *word == "\\", "{word} is a part of a word\n{text}");
        }
        // Numbers and digests are there, each as one word.
        let is_number =
            |word: &str| word.chars().all(|c| c.is_ascii_hexdigit() || ",.".contains(c));
        let of_names = |word: &str| DEVICE.contains(word);
        for word in whole.iter().filter(|word| is_number(word) && !of_names(word)) {
            assert!(words.contains(word), "{word} is missing\n{text}");
        }
    }
}

fn network_report() -> NetworkReport {
    NetworkReport {
        name: format!("{LONG}, variant B, seed study of a layered cortical model"),
        model: "m.toml".into(),
        seed: u64::MAX,
        dt_ms: 0.1,
        steps: u32::MAX - 1,
        duration_ms: 429_496_729.4,
        transient_ms: 500.0,
        batch: 65_536,
        neurons: 2_147_483_648,
        synapses: 299_000_000_000,
        synapses_exact: true,
        connection_sparsity: Some(0.999_999_9),
    }
}

fn backend(name: &str) -> BackendReport {
    let count = Some(123_456_789_012_345);
    BackendReport {
        backend: name.into(),
        device: DEVICE.into(),
        driver: "A driver with a long name, version 25.1.7-0ubuntu0.24.04.2 (LLVM 19.1.1)".into(),
        software: true,
        notes: vec![format!("a note that names {LONG} and goes on for more than a line of text")],
        status: "complete",
        error: None,
        steps: u32::MAX - 1,
        resumed_at_step: Some(2_000_000_000),
        build_s: 12_345.678,
        run_s: 1_234_567.891,
        real_time_factor: Some(12_345.678),
        spikes: 12_345_678_901_234,
        synaptic_events: count,
        synaptic_events_per_s: Some(9.67e11),
        neuron_updates: count,
        post_events: count,
        clocked_events: count,
        stimulus_events: count,
        dense_operations: Some(u128::from(u64::MAX)),
        activation_sparsity: Some(0.999_409),
        synaptic_operations: Some(SynapticOperations { effective_acs: 1e9, dense: 1e15 }),
        cost: Cost {
            phases: [Phase::Deliver, Phase::Update, Phase::Emit, Phase::Wait]
                .map(|phase| PhaseTime { phase, time: Duration::from_millis(1_234_567_891) })
                .into(),
            launches: vec![Launches { kernel: "update".into(), count: 12_345_678_901 }],
            read_bytes: 1 << 50,
            written_bytes: 1 << 50,
        },
        memory_bytes: 1 << 40,
        digest: Some(DIGEST.into()),
        equal: Some(true),
        measured: MeasuredReport::default(),
        not_measured: vec![NotMeasuredReport {
            what: "energy".into(),
            reason: "no meter covers the processor, and whatever else is long about reasons".into(),
        }],
    }
}

fn population(name: String) -> PopulationReport {
    PopulationReport {
        name,
        size: 2_147_483_647,
        activity: Activity {
            spikes: 12_345_678_901,
            rate_hz: Some(1234.567),
            cv_isi: Some(0.263),
            lvr: Some(1.234),
            isi_count: 123_456_789,
            isi_mean_ms: Some(170.0),
            isi_short: true,
            correlation: Some(-0.0006),
        },
        reference_rate_hz: Some(1234.5),
        neuron_updates: None,
        activation_sparsity: None,
    }
}

fn receptor() -> ReceptorReport {
    ReceptorReport {
        name: format!("{LONG}.{LONG}"),
        weight_bits: 32,
        scale_exponent: 120,
        unit: 1e-30,
        rms_weight: 12_345_678.901_234,
        relative_error: 1.2e-17,
        inputs: vec![InputReport {
            kind: "projection",
            name: LONG.into(),
            rms_weight: 12_345_678.901_234,
            relative_error: 1.2e-17,
        }],
        bound: u64::MAX,
    }
}

fn stimulus() -> StimulusEvents {
    let events = 123_456_789_012_345;
    StimulusEvents { name: LONG.into(), population: LONG.into(), events }
}

fn projected() -> Estimate {
    let operation = Operation::SynapticEvent;
    let term = Term { operation, count: 1.5e14, each_pj: 4.4e6, energy_j: 1.2e7 };
    let row = Row {
        key: "a_row_with_quite_a_long_key_of_its_own".into(),
        name: "A Neuromorphic Chip of the Second Generation (low-voltage corner)".into(),
        energies_pj: vec![(operation, 4.4e6)],
        year: 2018,
        process: "14 nm FinFET".into(),
        scope: Scope::Chip,
        evidence: Evidence::Measured,
        source: "Davies et al., Loihi: A Neuromorphic Manycore Processor, IEEE Micro 38(1)".into(),
        link: "doi:10.1109/MM.2018.112130359".into(),
        covers: "a synaptic operation with everything that it takes inside the chip".into(),
        excludes: "board, host, input and output".into(),
        caveat: Some(
            "a caveat that is longer than one line of a terminal of eighty columns".into(),
        ),
        added: true,
    };
    Estimate {
        row,
        energy_j: 12_345_678.0,
        energy_j_per_event: Some(23.6e-12),
        terms: vec![term, term],
    }
}

#[test]
fn run_fits() {
    let report = RunReport {
        isospike: "0.1.0",
        network: network_report(),
        backend: backend("opencl:0"),
        populations: (0..3).map(|i| population(format!("{LONG}_{i}"))).collect(),
        projections: Vec::new(),
        stimuli: vec![stimulus()],
        receptors: vec![receptor()],
        projected: vec![projected()],
        files: vec![
            "/a/long/path/that/must/stay/whole/so/that/it/can/be/copied/out/spikes.npz".into(),
        ],
    };
    fits(|width| run(&report, width));
    let text = run(&report, 80);
    assert!(text.contains("523a34ded22ccbe5") && text.contains("0.263*"), "{text}");
    assert!(text.contains("* shorter than ten mean intervals"), "{text}");
}

fn compared() -> CompareReport {
    let first = BackendReport { equal: None, ..backend("cpu") };
    CompareReport {
        isospike: "0.1.0",
        network: network_report(),
        equal: Some(true),
        backends: vec![first, backend("opencl:0"), backend("wgpu:llvmpipe")],
        missing: ["cuda", "cuda", "hip"]
            .map(|name| Missing { backend: name.into(), reason: "a long story".into() })
            .into(),
        differences: Vec::new(),
        populations: vec![population(LONG.into())],
        projections: Vec::new(),
        stimuli: vec![stimulus()],
        projected: vec![projected()],
        files: vec!["out/spikes.npz".into()],
    }
}

#[test]
fn compare_fits_and_ends_with_one_verdict() {
    let mut report = compared();
    for (wide, energy) in [(false, false), (true, false), (false, true), (true, true)] {
        fits(|width| compare(&report, Columns { wide, energy }, width));
    }
    let text = compare(&report, Columns::default(), 80);
    assert_eq!(text.lines().last(), Some("3 backends, all equal: 523a34ded22ccbe5"));
    let one = "not found: cuda, hip; `isospike devices` says what they need";
    assert!(text.lines().any(|line| line == one), "{text}");
    assert!(!text.contains("a long story") && !text.contains("Chip"), "{text}");
    assert!(!text.contains("energy") && text.contains("…"), "{text}");
    let energy = compare(&report, Columns { energy: true, wide: false }, 120);
    assert!(energy.contains("Neuromorphic Chip") && energy.contains("not measured"), "{energy}");
    // If they differ every backend has its digest, and the refused ones are named.
    report.equal = Some(false);
    report.backends[1].equal = Some(false);
    report.backends.push(BackendReport { status: "refused", ..backend("wgpu:0") });
    report.differences = vec![difference_report()];
    fits(|width| compare(&report, Columns::default(), width));
    let text = compare(&report, Columns::default(), 80);
    let last = "3 backends, NOT equal: opencl:0 differs from cpu; refused: wgpu:0";
    assert_eq!(text.lines().last(), Some(last));
    assert_eq!(text.matches("523a34ded22ccbe5").count(), 3, "{text}");
    let text = compare(&report, Columns::default(), 200);
    for words in ["DIFFERS", "after step 437 (43.8000 ms)", "0xff7fffff", "only in cpu"] {
        assert!(text.contains(words), "{words} is not in\n{text}");
    }
    let words = "first count that differs: neuron updates of population a: 3,000 on cpu, 3,001";
    assert!(text.contains(words), "{text}");
}

fn difference_report() -> DifferenceReport {
    let word = || WordReport::new(0xff7f_ffff, false);
    let variable = VariableReport {
        name: "a_state_variable_with_a_long_name".into(),
        before: Some(word()),
        after: [word(), word()],
        equal: false,
    };
    DifferenceReport {
        backends: ["cpu".into(), "opencl:0".into()],
        spike: Some(SpikeReport {
            step: 447,
            time_ms: 44.8,
            copy: 0,
            population: LONG.into(),
            neuron: 0,
            only_in: "cpu".into(),
        }),
        state: Some(StateReport {
            step: 437,
            time_ms: 43.8,
            copy: 1,
            projection: Some(LONG.into()),
            population: LONG.into(),
            neuron: 2_147_483_647,
            synapse: Some(2_147_483_647),
            variable: "v".into(),
            variables: vec![variable],
            differing_words: 12_345_678,
            threshold: None,
        }),
        counter: Some(Difference {
            counter: "neuron updates of population a".into(),
            counts: [Some(3000), Some(3001)],
        }),
        note: None,
    }
}

#[test]
fn inspect_fits_and_adds_up_many_projections() {
    let parameters = (0..9).map(|i| ParameterReport {
        name: format!("parameter_{i}"),
        value: Some(-65.123_456_789),
        range: (i == 0).then(|| "above 0, at most 1 / dt".into()),
    });
    let population = PopulationSize {
        name: LONG.into(),
        size: 2_147_483_647,
        model: "a_model_with_a_name_of_its_own".into(),
        parameters: parameters.collect(),
        state: Vec::new(),
        operations: 1234,
        bytes: 1 << 40,
    };
    let projection = |i| ProjectionSize {
        name: format!("{LONG}_to_{LONG}_{i}"),
        from: LONG.into(),
        to: LONG.into(),
        receptor: "syn".into(),
        rule: format!("probability 0.{i}12345678"),
        synapses: 299_000_000_000,
        synapses_exact: false,
        weight_bits: 16,
        min_delay_steps: 1,
        max_delay_steps: 65_536,
        cpu_layout: "chunks: enough targets in each segment of a delay and a shard".into(),
        clocked_blocks: vec![ClockedBlock {
            period_ms: 0.1,
            events_per_s: 2.99e15,
            rate_hz: 10_000.0,
        }],
        procedural: false,
        rms_weight: 12_345_678.901_234,
        relative_error: 1.2e-17,
        bytes: 1 << 40,
    };
    let mut report = InspectReport {
        isospike: "0.1.0",
        network: network_report(),
        populations: vec![population; 3],
        projections: (1..4).map(projection).collect(),
        series: vec![SeriesSize {
            name: LONG.into(),
            population: LONG.into(),
            rows: u32::MAX,
            width: u32::MAX,
            bytes: u64::MAX,
        }],
        receptors: vec![receptor()],
        max_delay_steps: 65_536,
        memory_bytes: 1 << 40,
        traffic: None,
        traffic_refused: Some(format!("{LONG} is too large for the buffers of such devices")),
    };
    fits(|width| inspect(&report, false, width));
    report.projections = (1..60).map(projection).collect();
    fits(|width| inspect(&report, true, width));
    let text = inspect(&report, false, 80);
    assert!(text.lines().count() < 45, "{text}");
    assert!(text.contains("~17,641,000,000,000"), "59 times 299e9\n{text}");
    assert!(text.contains("all 3 populations"), "{text}");
    let ranges = text.matches("parameter_0 above 0, at most 1 / dt").count();
    assert_eq!(ranges, 1, "once for each model\n{text}");
}

#[test]
fn devices_fit() {
    let device = Device {
        backend: "opencl:10".parse().unwrap(),
        device: format!("pthread-skylake-avx512-{DEVICE}"),
        api: "OpenCL 3.0".into(),
        driver: "Portable Computing Language 5.0+debian Linux, None+Asserts, RELOC, LLVM 15".into(),
        kind: "cpu".into(),
        software: true,
        memory_bytes: Some(1 << 40),
    };
    let missing = vec![Missing {
        backend: "cuda".into(),
        reason: "the driver (libcuda.so.1, nvcuda.dll) is not here; it comes with the card".into(),
    }];
    let report = DevicesReport { isospike: "0.1.0", devices: vec![device; 2], missing };
    fits(|width| devices(&report, width));
}

#[test]
fn energy_fits() {
    let run = backend("cpu");
    let meter = MeterReport {
        info: MeterInfo {
            name: "intel-rapl:0:package-0-with-a-name".into(),
            covers: "the processor's package: cores, caches, memory controller".into(),
            part: Part::Processor,
            overlaps: None,
            resolution_j: 1e-6,
            refresh: Duration::from_millis(1),
            read_every: Duration::from_secs(1),
            caveat: Some("a caveat that is longer than one line of a terminal has columns".into()),
        },
        counted: true,
        energy_j: Some(1234.5),
        reason: None,
        power_w: Some(1234.56),
        window_s: 12_345.678,
        idle_power_w: Some(1234.56),
        idle_window_s: Some(10.0),
    };
    let report = EnergyReport {
        isospike: "0.1.0",
        network: network_report(),
        backend: run.backend,
        device: run.device,
        status: "complete",
        error: None,
        run_s: run.run_s,
        counts: Some(CountsReport {
            sums: Counts {
                synaptic_events: 123_456_789_012_345,
                post_events: 123_456_789_012_345,
                clocked_events: 123_456_789_012_345,
                stimulus_events: 123_456_789_012_345,
                neuron_updates: 123_456_789_012_345,
                spikes: 123_456_789_012_345,
                simulated_s: 429_496.729_4,
            },
            dense_operations: 1,
            activation_sparsity: Some(0.999_409),
            synaptic_operations: run.synaptic_operations,
            stimuli: vec![stimulus()],
        }),
        measured: MeasuredReport {
            energy_j: Some(1234.5),
            energy_j_per_event: Some(1e-9),
            idle_power_w: Some(123.4),
            idle_window_s: Some(10.0),
            meters: vec![meter.clone(), meter],
        },
        projected: vec![projected(), projected()],
        not_measured: run.not_measured,
    };
    fits(|width| energy(&report, width));
}

#[test]
fn bench_fits() {
    let mut row = serde_json::json!({
        "isospike": "0.1.0", "commit": "0123456789abcdef0123456789abcdef01234567+",
        "machine": { "date": "2026-11-28T20:00:00Z", "processor": DEVICE, "cores": 192,
            "load_average": 123.45, "memory": { "threads": 192, "array_bytes": 1_u64 << 33,
            "read_gb_per_s": 1234.5, "copy_gb_per_s": 1234.5, "triad_gb_per_s": 1234.5 } },
        "workload": "a_workload_with_quite_a_long_name", "model": "m.toml", "set": [],
        "backend": "cpu", "device": DEVICE, "software": false, "threads": 192,
        "neurons": 77_169, "synapses": 298_880_968, "warm_up_ms": 100.0, "measured_ms": 1000.0,
        "repetitions": 3, "build_s": { "min": 1234.56, "median": 2345.67 },
        "real_time_factor": { "min": 0.012345, "median": 1234.5 }, "spikes": 1, "synaptic_events": 1,
        "neuron_updates": 1, "events_per_s": 9.67e8, "updates_per_s": 9.67e8, "phases": []
    });
    let more = serde_json::json!({
        "ns_per_event": 1234.56, "ns_per_update": 1234.56, "bytes_per_event": 1234.5,
        "bytes_per_update": 12345.0, "moved_gb_per_s": 1234.5, "limit": null,
        "share_of_limit": 0.99, "memory_bytes": 1_u64 << 40, "peak_bytes": 1_u64 << 40,
        "bytes_per_synapse": 12.34, "rates_within": 0.1, "rates_agree": false,
        "rates": [{ "population": LONG, "rate_hz": 1.5, "reference_rate_hz": 2.5, "agrees": false }],
        "digest": DIGEST, "bar": { "real_time_factor": 0.85, "build_s": 8.0, "updates_per_s": 1e9,
        "peak_gb": 2.0, "share_of_limit": 0.9 }, "bar_reached": true, "aim": { "real_time_factor":
        0.5, "build_s": null, "updates_per_s": null, "peak_gb": null, "share_of_limit": null },
        "aim_reached": false, "peer": null, "notes": ["a note that is longer than a line has columns"]
    });
    row.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let row: BenchRow = serde_json::from_value(row).unwrap();
    let report = BenchReport { isospike: "0.1.0", rows: vec![row.clone(), row], files: Vec::new() };
    fits(|width| bench(&report, width));
    let listed = isospike_benches::Workloads::built_in().unwrap();
    fits(|width| workloads(&listed.0, width));
}

#[test]
fn conformance_fits() {
    let test = serde_json::json!({
        "name": "networks/a_name_of_a_test", "status": "failed", "checked": 12_345_678_901_u64,
        "seconds": 1234.5, "message": "spike 12345 of step 437: neuron 7 on one side, 8 on the other",
        "reproduce": "isospike conformance --backend opencl:0 --level 8 --seed 7 --networks 12 --report f"
    });
    let certificate = serde_json::json!({
        "format": 1, "date": "2026-11-28T20:00:00Z", "isospike": "0.1.0", "commit": null,
        "subject": "opencl:0", "device": { "backend": "opencl", "name": DEVICE, "driver": DEVICE,
        "software": true, "notes": [format!("{DEVICE}, {LONG}")] }, "host": "x86_64-linux",
        "grade": "software", "verdict": "does-not-conform", "first_failing_level": 8, "seed": 7, "networks": 12,
        "seconds": 1.5, "golden": [], "levels": [{ "number": 8, "name": "networks", "sentence": "s",
        "passed": 1_000_000, "failed": 1_000_000, "known_failures": 1_000_000, "not_applicable":
        1_000_000, "checked": 123_456_789_012_345_u64, "seconds": 123_456.7, "tests": [test] }]
    });
    let certificate = serde_json::from_value(certificate).unwrap();
    fits(|width| super::certificate(&certificate, width));
    let text = super::certificate(&certificate, 80);
    assert!(text.contains(" \\\n"), "a command goes on behind a backslash\n{text}");
}
