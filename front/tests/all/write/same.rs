//! Every example and every case of the conformance suite, and networks of the builder.

use isospike_core::plan::lower::lower;
use isospike_core::run::checkpoint::Fingerprint;
use isospike_front::check::Limits;
use isospike_front::file;
use isospike_front::network::{
    Model, Network, Population, Probe, Projection, Rewire, Signal, Stimulus, Synapse, Value, table,
    values_file,
};
use npyz::WriterBuilder as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Writes a network, reads it back, and compares all there is to compare.
fn assert_same(network: &Network) -> String {
    let text = network.to_toml().unwrap_or_else(|mistakes| panic!("{mistakes}"));
    let again = file::parse(&text, "written.toml", &network.folder, &[]).expect("it is read");
    let [before, after] = [network, &again].map(|network| {
        let checked = network.check(Limits::default());
        checked.unwrap_or_else(|mistakes| panic!("{mistakes}\n{text}"))
    });
    // Debug texts of floats have all their bits.
    assert_eq!(format!("{before:?}"), format!("{after:?}"), "{text}");
    let [before, after] = [before, after].map(|checked| Fingerprint::of(&lower(Arc::new(checked))));
    assert_eq!(before, after, "{text}");
    assert_eq!(again.to_toml().as_ref(), Ok(&text), "a text that was written is written again");
    text
}

/// The model files of a folder of this repository.
fn models(folder: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(folder);
    let mut files: Vec<PathBuf> =
        fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "toml"));
    files.sort();
    files
}

/// A folder with the rates that diehl_cook_2015.toml reads, of two images of grey.
fn images() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for part in ["examples", "out/mnist"] {
        fs::create_dir_all(folder.path().join(part)).unwrap();
    }
    let file = fs::File::create(folder.path().join("out/mnist/images.npy")).unwrap();
    let options = npyz::WriteOptions::new().default_dtype().shape(&[2, 784]);
    let mut writer = options.writer(file).begin_nd().unwrap();
    writer.extend((0..2 * 784).map(|pixel| pixel % 64)).unwrap();
    writer.finish().unwrap();
    folder
}

fn assert_all_same(folder: &str, least: usize) {
    let images = images();
    let files = models(folder);
    assert!(files.len() >= least, "{} files in {folder}", files.len());
    for path in files {
        let mut network = file::read(&path, &[]).unwrap_or_else(|mistakes| panic!("{mistakes}"));
        if path.ends_with("diehl_cook_2015.toml") {
            network.folder = images.path().join("examples");
        }
        assert_same(&network);
    }
}

#[test]
fn every_example_is_read_back() {
    assert_all_same("examples", 15);
}

#[test]
fn every_case_of_conformance_is_read_back() {
    assert_all_same("conformance/cases", 34);
}

#[test]
fn every_built_in_model_is_read_back_as_a_model_of_the_file() {
    for path in models("front/src/models") {
        let text = fs::read_to_string(&path).unwrap();
        let name = path.file_stem().unwrap().to_str().unwrap();
        let own = ["model", "synapse"].iter().fold(text, |text, section| {
            text.replace(&format!("[{section}.{name}"), &format!("[{section}.my_{name}"))
        });
        let network = file::parse(&own, "own.toml", Path::new(""), &[]).unwrap();
        let network = network.setting("dt", "0.1 ms");
        if network.models.is_empty() {
            // A synapse model is judged where it is used.
            let again = file::parse(&network.to_toml().unwrap(), "", Path::new(""), &[]).unwrap();
            assert_eq!(again.to_toml(), network.to_toml());
        } else {
            let population = Population::new("p", 2, &format!("my_{name}"));
            assert_same(&network.population(match name {
                "poisson" => population.param("rate", "8 Hz"),
                _ => population,
            }));
        }
    }
}

fn own_models(network: Network) -> Network {
    let help = "a word about it that is too long for the line on which the other fields stand";
    let long = [("default", "0 mV".into()), ("help", help.into()), ("at_most", "9 mV".into())];
    let model = Model::new("mine")
        .param("b", table(long))
        .param("k", table([("default", "1 GOhm".into()), ("above", "0 GOhm".into())]))
        .field("current", "pA")
        .field("update", "v = v * exp(-dt / 10 ms) + syn * k\n    + i_ext * k")
        .field("threshold", "v >= 1 mV + b")
        .field("reset", "v = 0 mV")
        .field("state", table([("v", "0 mV".into())]))
        .field("receptors", table([("syn", "pA".into())]));
    let synapse = Synapse::new("own")
        .param("m", table([("unit", "weight".into()), ("default", "2 pA".into())]))
        .param("a", 0.1)
        .param("tau", "20 ms")
        .state("w", "weight")
        .decaying("d", 0.5, "tau")
        .bounds("w", "0", "m")
        .pre("x", "tau", "x + 1")
        .post("y", "10 ms", "1")
        .on_pre("w -= a * y\nsend w * max(x, 0)")
        .signals(&["level"])
        .on_post("w += a * x * level")
        .every("1 ms", "w -= a * w * period / tau\nd = d")
        .every("tau", "w *= 0.5")
        .send_max("m + weight");
    network.model(model).synapse(synapse)
}

fn stimulated(network: Network) -> Network {
    let rows =
        (0..40).map(|row| vec![format!("{row} pA / 3"), "-1e-7 pA".into(), "1 nA".into()].into());
    network
        .stimulus(Stimulus::poisson("rain", "mine", "5 Hz", "3 pA").receptor("syn").sources(3))
        .stimulus(Stimulus::current("drive", "mine", "50 pA + 1 pA * i").stop("20 ms"))
        .stimulus(Stimulus::noise("hiss", "mine", "0 pA", "2 pA"))
        .stimulus(Stimulus::steps("stairs", "mine", vec![("1 ms", "1 pA"), ("2.5 ms", "0 pA")]))
        .stimulus(Stimulus::series("rows", "three", rows.collect::<Vec<Value>>()))
        .stimulus(Stimulus::series("file", "three", values_file("rows.csv", "pA")).every("1 ms"))
        .stimulus(Stimulus::external("outside", "three"))
}

#[test]
fn a_built_network_is_read_back() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("rows.csv"), "value\n1\n2.5\n").unwrap();
    let network = Network::new("a \"built\"\tone\\ with µ", "0.1 ms").seed(u64::MAX);
    let network = network.duration("25 ms").constant("scale", 0.1).constant("w", "162 pA * scale");
    let mut network = own_models(network)
        .signal(Signal::new("level", "5 ms").pulse("1 ms", 0.5).pulse("2 ms", -1))
        .population(Population::new("mine", "200 * scale", "mine").random("r", "uniform(0, 1)"))
        .population(
            Population::new("three", 3, "lif_exp").param("tau_m", "10 ms").writable(&["tau_m"]),
        )
        .population(
            Population::new("told", 60, "spike_list")
                .spikes((0..60).map(|n| (format!("{} ms", 1 + n % 7), n)).collect())
                .reference_rate("3 Hz"),
        )
        .projection(
            Projection::new("listed", "told", "mine")
                .list(&[(0, 1), (59, 19), (3, 3)])
                .weight("1 pA"),
        )
        .projection(
            Projection::new("learns", "told", "mine")
                .receptor("syn")
                .connect("fixed_out_degree", 4)
                .weight(table([("uniform", vec!["1 pA", "2 pA"].into())]))
                .delay("1.5 ms")
                .synapse("own")
                .param("a", 0.2)
                .multapses(false),
        )
        .rewire(Rewire::new("again", "learns", "5 ms", "w <= 0 pA").create("w", "1 pA"))
        .probe(Probe::new("v", "mine", "v").neurons(&[0, 3]).every("1 ms").initial())
        .probe(Probe::of_synapses("ws", "learns", "w").histogram("0 pA", "2 pA", 4).every("1 ms"));
    network = stimulated(network);
    network.folder = folder.path().into();
    let text = assert_same(&network);
    assert!(text.contains("amplitudes = { file = \"rows.csv\", unit = \"pA\" }"), "{text}");
}
