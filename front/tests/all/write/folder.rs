//! Networks that name data files, written to another folder.

use isospike_front::check::Limits;
use isospike_front::file;
use isospike_front::network::{Network, Population, Projection, Stimulus, table, values_file};
use std::fs;
use std::path::Path;

#[test]
fn the_text_finds_the_data_from_another_folder() {
    let root = tempfile::tempdir().unwrap();
    let (old, new) = (root.path().join("a"), root.path().join("b"));
    fs::create_dir_all(old.join("data")).unwrap();
    fs::create_dir(&new).unwrap();
    fs::write(old.join("spikes.csv"), "time_ms,neuron\n1,0\n").unwrap();
    fs::write(old.join("data/synapses.csv"), "pre,post\n0,1\n").unwrap();
    fs::write(old.join("current.csv"), "value\n3\n").unwrap();
    fs::write(new.join("rate.csv"), "value\n4\n").unwrap();
    let list = table([("file", "data/synapses.csv".into())]);
    let mut network = Network::new("moved", "0.1 ms")
        .population(Population::new("told", 3, "spike_list").field("spikes", "spikes.csv"))
        .population(Population::new("exc", 3, "lif_exp"))
        .projection(
            Projection::new("p", "told", "exc").field("connect", list).weight("1 pA").delay("1 ms"),
        )
        .stimulus(Stimulus::series("s", "exc", values_file("current.csv", "pA")))
        .stimulus(Stimulus::poisson("r", "exc", values_file("../b/rate.csv", "Hz"), "1 pA"));
    network.folder = old.clone();
    let before = network.check(Limits::default()).unwrap();

    let moved = network.clone().in_folder(&new);
    let path = new.join("moved.toml");
    fs::write(&path, moved.to_toml().unwrap()).unwrap();
    let read = file::read(&path, &[]).unwrap();
    assert_eq!(format!("{before:?}"), format!("{:?}", read.check(Limits::default()).unwrap()));

    let up = network.clone().in_folder(root.path()).to_toml().unwrap();
    for words in ["spikes = \"a/spikes.csv\"", "file = \"a/data/synapses.csv\""] {
        assert!(up.contains(words), "`{words}` is not in {up}");
    }
    let back = network.clone().in_folder(root.path()).in_folder(&old);
    assert_eq!(back, network);
}

#[test]
fn paths_from_everywhere_and_texts_that_are_none_stay() {
    let network = Network::new("n", "1 ms")
        .population(Population::new("p", 1, "spike_list").field("spikes", "/tmp/s.csv"))
        .population(Population::new("q", 1, "spike_list").field("spikes", ""))
        .projection(Projection::new("a", "p", "q").all_to_all())
        .stimulus(Stimulus::poisson("r", "q", "8 Hz", 1));
    let moved = network.clone().in_folder(Path::new("elsewhere"));
    assert_eq!(moved.to_toml(), network.to_toml());
    assert_eq!(moved.folder, Path::new("elsewhere"));
}
