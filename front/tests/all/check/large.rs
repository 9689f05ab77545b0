//! Texts of a megabyte are judged about as fast as they are read, whatever they hold: nothing may
//! grow with the square of the text.

use super::support::{BASE, NETWORK, check};
use isospike_front::check::Limits;
use isospike_front::file;
use std::fmt::Write;
use std::path::Path;
use std::time::{Duration, Instant};

/// How large the texts are.
const BYTES: usize = 1 << 20;

/// Each takes well under a second in a release build; what grows with the square takes minutes.
/// Machines that run tests are busy.
const ENOUGH: Duration = Duration::from_secs(if cfg!(debug_assertions) { 60 } else { 10 });

/// Repeats what is written for each number until the text is long enough.
fn repeat(start: &str, each: impl Fn(&mut String, usize), end: &str) -> String {
    let mut text = start.to_string();
    let mut number = 0;
    while text.len() < BYTES {
        each(&mut text, number);
        number += 1;
    }
    text + end
}

fn judge(name: &str, text: &str) {
    let start = Instant::now();
    let diagnostics =
        check(&format!("{text}{NETWORK}{BASE}"), Limits { memory_bytes: Some(1 << 30) })
            .map_or_else(|diagnostics| diagnostics.to_string(), |_| String::new());
    let taken = start.elapsed();
    println!("{name}: {taken:?}, {} bytes of mistakes", diagnostics.len());
    assert!(taken < ENOUGH, "{name} took {taken:?}");
    assert!(
        diagnostics.len() < 400 * text.len(),
        "{name}: {} bytes of mistakes",
        diagnostics.len()
    );
}

#[test]
fn lists_and_tables() {
    judge("a list in one line", &repeat("[constants]\na = [", |t, _| *t += "1,", "]\n"));
    judge("characters", &repeat("[constants]\na = [", |t, _| *t += "\"é\",", "]\n"));
    judge("constants", &repeat("[constants]\n", |t, i| _ = writeln!(t, "a{i} = {i}"), ""));
    let broken = |t: &mut String, i: usize| _ = writeln!(t, "a{i} = \"b{i}\"");
    judge("broken constants", &repeat("[constants]\n", broken, ""));
    let unknown = |t: &mut String, i: usize| _ = writeln!(t, "sise{i} = 1");
    judge("unknown fields", &repeat("[population.p]\n", unknown, ""));
    let spikes = |t: &mut String, i: usize| _ = write!(t, "[\"{i} ms\", 2],");
    let told = "[population.t]\nsize = 3\nmodel = \"spike_list\"\nspikes = [";
    judge("spikes", &repeat(told, spikes, "]\n"));
    let name = "0".repeat(BYTES / 2) + "1";
    let start = format!("[population.t]\nsize = 3\nmodel = \"spike_list\"\nspikes = {{ {name} = [");
    judge("a long name", &repeat(&start, |t, i| _ = write!(t, "\"{i} ms\","), "]}\n"));
}

#[test]
fn items() {
    let population = |t: &mut String, i: usize| {
        let _ = writeln!(t, "[population.p{i}]\nsize = 1\nmodel = \"lif_exp\"");
    };
    judge("populations", &repeat("", population, ""));
    let projection = |t: &mut String, i: usize| {
        let _ = writeln!(
            t,
            "[projection.j{i}]\nfrom = \"exc\"\nto = \"inh\"\nconnect = \"all_to_all\"\nweight = \"1 pA\""
        );
    };
    judge("projections", &repeat("", projection, ""));
    let stimulus = |t: &mut String, i: usize| {
        let _ = writeln!(
            t,
            "[stimulus.s{i}]\npopulation = \"exc\"\nkind = \"current\"\namplitude = \"1 pA\""
        );
    };
    judge("stimuli", &repeat("", stimulus, ""));
    let both = |t: &mut String, i: usize| {
        population(t, i);
        let _ = writeln!(t, "[projection.j{i}]\nfrom = \"q{i}\"\nto = \"r{i}\"");
    };
    judge("names that are missing", &repeat("", both, ""));
    let used = |t: &mut String, i: usize| {
        let _ = writeln!(t, "[probe.r{i}]\npopulation = \"exc\"\nvariable = \"w{i}\"");
    };
    judge("probes", &repeat("", used, ""));
}

#[test]
fn models() {
    let end = "[model.m]\nthreshold = \"a0 > 0\"\nupdate = \"\"\n";
    let declared = |t: &mut String, i: usize| _ = writeln!(t, "a{i} = {i}");
    for table in ["parameters", "state", "receptors"] {
        judge(table, &repeat(&format!("[model.m.{table}]\n"), declared, end));
    }
    let mut states = String::from("[constants]\n");
    for i in 0..20_000 {
        let _ = writeln!(states, "a{i} = {i}");
    }
    states += "[model.m]\nupdate = \"\"\n[model.m.state]\n";
    for i in 0..1000 {
        let _ = writeln!(states, "s{i} = \"a{i}\"");
    }
    judge("states of constants", &states);
    let mut unknown = String::from("[model.m]\nupdate = \"\"\"\n");
    while unknown.len() < 60 << 10 {
        unknown += "x=y\n";
    }
    judge("unknown names", &(unknown + "\"\"\"\n"));
}

#[test]
fn synapse_models() {
    let projection = "[projection.p]\nfrom = \"exc\"\nto = \"inh\"\nconnect = \"all_to_all\"\n\
                      weight = \"1 pA\"\nsynapse = \"s\"\n";
    let state = format!(
        "{projection}[synapse.s]\nstate = {{ w = \"weight\" }}\n\
         bounds = {{ w = [\"-1 pA{}\", \"9 pA\"] }}\n",
        " - 1 pA".repeat(14)
    );
    let mut assigned = format!("{state}on_pre = \"\"\"\nsend w\n");
    let mut wrong = assigned.clone();
    let mut branches = assigned.clone();
    for i in 0..1 << 13 {
        assigned += "w=2\n";
        wrong += "w=1ms\n";
        let _ = writeln!(branches, "if w>{} {{w=2}}", i % 10);
        branches.truncate(60 << 10);
    }
    let end = branches.rfind('\n').map_or(0, |at| at + 1);
    judge("assignments with bounds", &format!("{assigned}\"\"\"\n"));
    judge("wrong units", &format!("{wrong}\"\"\"\n"));
    judge("branches", &format!("{}\"\"\"\n", &branches[..end]));
    let end = "[synapse.s]\non_pre = \"send w\"\nsend_max = \"weight\"\n";
    let start = format!("{projection}{end}[synapse.s.pre]\n");
    let trace = |t: &mut String, i: usize| {
        let _ = writeln!(t, "x{i} = {{ tau = \"1 ms\", spike = \"x0 + x{i} + y\" }}");
    };
    judge("traces", &repeat(&start, trace, ""));
    let both = |t: &mut String, i: usize| {
        let projection = projection.replace(".p]", &format!(".p{i}]"));
        let projection = projection.replace("\"s\"", &format!("\"s{i}\""));
        let _ = writeln!(t, "[synapse.s{i}]\non_pre = \"send weight\"\n{projection}");
    };
    judge("models and projections", &repeat("", both, ""));
}

#[test]
fn files_without_end_are_refused() {
    let endless = Path::new("/dev/zero");
    if endless.exists() {
        let diagnostic = file::read(endless, &[]).unwrap_err().to_string();
        assert!(diagnostic.contains("more than 16 MiB"), "{diagnostic}");
    }
}

#[test]
fn names_and_models_have_limits() {
    let long = format!("[population.{}]\nsize = 1\n", "p".repeat(257));
    let diagnostics = check(&long, Limits::default()).unwrap_err().to_string();
    assert_eq!(
        diagnostics,
        "net.toml:1:13: syntax: a name that is too long; a name has at most 256 bytes"
    );
    let mut many = String::from("[model.m]\nupdate = \"\"\n[model.m.state]\n");
    for i in 0..1025 {
        let _ = writeln!(many, "s{i} = 0");
    }
    let diagnostics = check(&(many + NETWORK + BASE), Limits::default()).unwrap_err().to_string();
    assert!(diagnostics.contains("field `state`: these are too many"), "{diagnostics}");
}

/// A value for each neuron takes memory, however short its text is.
#[test]
fn values_of_each_neuron_count_as_memory() {
    let network = |random: &str| {
        let text = format!(
            "{NETWORK}[population.n]\nsize = 100000\nmodel = \"lif_exp\"\nrandom = {{ {random} }}\n"
        );
        check(&text, Limits { memory_bytes: Some(8 << 20) }).map(drop)
    };
    assert_eq!(network("r = \"uniform(0, 1)\""), Ok(()));
    let many: Vec<String> = (0..50).map(|n| format!("r{n} = \"uniform(0, 1)\"")).collect();
    let diagnostics = network(&many.join(", ")).unwrap_err().to_string();
    assert!(diagnostics.contains("0.0 GiB may be used; 100000 neurons"), "{diagnostics}");
}
