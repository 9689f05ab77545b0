//! How much memory the host has left.

/// Bytes that can be allocated: what Linux says is available, within the limit of the control
/// group; `None` on other systems.
pub fn available_bytes() -> Option<u64> {
    let machine = std::fs::read_to_string("/proc/meminfo").ok().and_then(|text| {
        let line = text.lines().find_map(|line| line.strip_prefix("MemAvailable:"))?;
        line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok().map(|kib| kib * 1024)
    });
    let read = |path: &str| std::fs::read_to_string(path).ok()?.trim().parse::<u64>().ok();
    let group = read("/sys/fs/cgroup/memory.max")
        .map(|limit| limit.saturating_sub(read("/sys/fs/cgroup/memory.current").unwrap_or(0)));
    match (machine, group) {
        (Some(machine), Some(group)) => Some(machine.min(group)),
        (machine, group) => machine.or(group),
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn linux_tells_what_is_left() {
        let left = super::available_bytes();
        assert!(left.is_none_or(|bytes| bytes > 1 << 20));
        assert_eq!(left.is_some(), std::path::Path::new("/proc/meminfo").exists());
    }
}
