use super::{Settings, Test};

pub fn tests(_: &Settings) -> Vec<Test> {
    Vec::new()
}
