//! Rung 4: the device, and each kernel alone.

use super::{Done, Needs, Rung, Settings, Test};
use crate::device;
use crate::failure::Failure;
use isospike_core::device::any::AnyDevice;

/// What the device itself must do.
pub fn tests(_: &Settings) -> Vec<Test> {
    let on_device = |name: &'static str, body: fn(&mut AnyDevice, &str)| {
        let run = move |backend: &dyn isospike_core::backend::Backend, _: &_| {
            let mut device = backend.device().ok_or_else(|| Failure::new("no device"))?;
            let path = device_name(backend);
            body(&mut device, &path);
            Ok(Done { checked: 1, unit: "devices" })
        };
        Test::new(Rung::Kernels, name, run).needing(Needs::Kernels)
    };
    vec![
        on_device("copies", device::copies),
        on_device("big copies", device::big_copies),
        on_device("order", device::order),
        on_device("batches", device::batches),
        on_device("atomics", device::atomics),
        on_device("groups", device::groups),
        on_device("refusals", device::refusals),
    ]
}

fn device_name(backend: &dyn isospike_core::backend::Backend) -> String {
    backend.info().device.clone()
}
