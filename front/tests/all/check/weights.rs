//! Weights of one receptor that cannot be held beside each other.

use super::support::{good, wrong};
use insta::assert_snapshot;

fn two(strong: &str, weak: &str) -> String {
    format!(
        "[projection.kick]\nfrom = \"exc\"\nto = \"inh\"\n{strong}\n\
         [projection.weak]\nfrom = \"exc\"\nto = \"inh\"\n{weak}\n"
    )
}

const MANY: &str = "connect = { fixed_in_degree = 100000 }\nweight = \"20 nA\"";

#[test]
fn both_sides_are_named() {
    let weak =
        |weight: &str| wrong(&two(MANY, &format!("connect = \"all_to_all\"\nweight = {weight}")));
    assert_snapshot!(weak("\"0.1 pA\""), @"net.toml:10:11: projection weak, field `weight`: a weight of 0.1 pA becomes 0: weights onto the receptor `syn` of inh are multiples of 1 pA, because projection kick, with weights up to 20000 pA, takes most of the 32 bits of a sum; give one of the two a receptor of its own, or bring their weights closer together");
    assert_snapshot!(weak("\"1.3 pA\""), @"net.toml:10:11: projection weak, field `weight`: weights of 1.3 pA (RMS) are rounded by 23.08 % of that (RMS), more than 0.1 %: weights onto the receptor `syn` of inh are multiples of 1 pA, because projection kick, with weights up to 20000 pA, takes most of the 32 bits of a sum; give one of the two a receptor of its own, or bring their weights closer together");
    assert_snapshot!(weak("{ normal = [\"2 pA\", \"0.5 pA\"] }"), @"net.toml:10:10: projection weak, field `weight`: weights of 2.062 pA (RMS) are rounded by 13.94 % of that (RMS), more than 0.1 %: weights onto the receptor `syn` of inh are multiples of 1 pA, because projection kick, with weights up to 20000 pA, takes most of the 32 bits of a sum; give one of the two a receptor of its own, or bring their weights closer together");
    let listed = "connect = { list = [[0, 0, \"300 pA\"], [1, 0, \"-0.01 pA\"]] }";
    assert_snapshot!(wrong(&two(MANY, listed)), @"net.toml:9:47: projection weak, field `connect.list[1][2]`: a weight of -0.01 pA from neuron 1 to neuron 0 becomes 0: weights onto the receptor `syn` of inh are multiples of 1 pA, because projection kick, with weights up to 20000 pA, takes most of the 32 bits of a sum; give one of the two a receptor of its own, or bring their weights closer together");
    let stimulus = format!(
        "[projection.kick]\nfrom = \"exc\"\nto = \"inh\"\n{MANY}\n\
         [stimulus.s]\npopulation = \"inh\"\nkind = \"poisson\"\nrate = \"1 kHz\"\nweight = \"0.1 pA\"\n"
    );
    assert_snapshot!(wrong(&stimulus), @"net.toml:10:11: stimulus s, field `weight`: a weight of 0.1 pA becomes 0: weights onto the receptor `syn` of inh are multiples of 1 pA, because projection kick, with weights up to 20000 pA, takes most of the 32 bits of a sum; give one of the two a receptor of its own, or bring their weights closer together");
}

#[test]
fn one_projection_alone() {
    let list = "[projection.p]\nfrom = \"exc\"\nto = \"inh\"\nconnect = { list = [[0, 0, \"1 uA\"], [1, 1, \"1e-9 pA\"]] }\n";
    assert_snapshot!(wrong(list), @"net.toml:4:45: projection p, field `connect.list[1][2]`: a weight of 1e-9 pA from neuron 1 to neuron 1 becomes 0: weights onto the receptor `syn` of inh are multiples of 0.0004883 pA, because this one, with weights up to 1000000 pA, takes most of the 32 bits of a sum; bring its weights closer together, or lower the number of synapses onto one neuron");
}

#[test]
fn sixteen_bits_that_are_asked_for() {
    let one = "connect = { list = [[0, 0, \"20 nA\"]] }";
    let weak = "connect = \"all_to_all\"\nweight = \"0.1 pA\"";
    assert_snapshot!(wrong(&two(&format!("{one}\nweight_bits = 16"), weak)), @"net.toml:10:11: projection weak, field `weight`: a weight of 0.1 pA becomes 0: weights onto the receptor `syn` of inh are multiples of 1 pA, because projection kick, with weights up to 20000 pA, asks for weights of 16 bits; remove weight_bits = 16 of projection kick");
    good(&two(one, &format!("{weak}\nweight_bits = 16")));
    good(&two(one, weak));
    let list = "[projection.p]\nfrom = \"exc\"\nto = \"inh\"\nconnect = { list = [[0, 0, \"20 nA\"], [1, 1, \"0.1 pA\"]] }\n";
    assert_snapshot!(wrong(&format!("{list}weight_bits = 16\n")), @"net.toml:4:46: projection p, field `connect.list[1][2]`: a weight of 0.1 pA from neuron 1 to neuron 1 becomes 0: weights onto the receptor `syn` of inh are multiples of 1 pA, because this one, with weights up to 20000 pA, asks for weights of 16 bits; remove its weight_bits = 16");
    good(list);
}

#[test]
fn the_entry_of_a_long_list_is_named() {
    let mut entries: Vec<String> =
        (0..200).map(|i| format!("  [{}, {}, \"300 pA\"],\n", 3 - i / 50, i % 2)).collect();
    entries[120] = "  [1, 0],\n".into();
    entries[137] = "  [1, 1, \"-0.01 pA\", \"2 ms\"],\n".into();
    let listed = format!("weight = \"5 nA\"\nconnect.list = [\n{}]", entries.concat());
    assert_snapshot!(wrong(&two(MANY, &listed)), @"net.toml:148:11: projection weak, field `connect.list[137][2]`: a weight of -0.01 pA from neuron 1 to neuron 1 becomes 0: weights onto the receptor `syn` of inh are multiples of 1 pA, because projection kick, with weights up to 20000 pA, takes most of the 32 bits of a sum; give one of the two a receptor of its own, or bring their weights closer together");
    let by_default = "weight = \"0.1 pA\"\nconnect = { list = [[0, 0, \"5 nA\"], [0, 1]] }";
    assert_snapshot!(wrong(&two(MANY, by_default)), @"net.toml:9:11: projection weak, field `weight`: a weight of 0.1 pA becomes 0: weights onto the receptor `syn` of inh are multiples of 1 pA, because projection kick, with weights up to 20000 pA, takes most of the 32 bits of a sum; give one of the two a receptor of its own, or bring their weights closer together");
}
