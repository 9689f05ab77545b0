//! The built-in synapse models.

use crate::check::support::good;

#[test]
fn stdp() {
    let net = good(
        "[projection.p]\nfrom = \"told\"\nto = \"exc\"\nreceptor = \"exc\"\nconnect = \"all_to_all\"\n\
         weight = \"1 pA\"\nsynapse = \"stdp\"\nparameters = { w_max = \"2 pA\" }\n",
    );
    let synapse = net.projections[0].synapse.as_ref().unwrap();
    assert_eq!((&synapse.pre_tau_ms[..], synapse.sent), (&[20.0][..], (0.0, 2.0)));
}
