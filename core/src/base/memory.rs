//! How much memory the host has left.

/// The files in which a control group gives its limit, what it has taken, and what of that are
/// files, each with the names of the numbers in the last one. Versions 2 and 1.
#[cfg(target_os = "linux")]
const GROUPS: [([&str; 3], [&str; 2]); 2] = [
    (
        [
            "/sys/fs/cgroup/memory.max",
            "/sys/fs/cgroup/memory.current",
            "/sys/fs/cgroup/memory.stat",
        ],
        ["active_file", "inactive_file"],
    ),
    (
        [
            "/sys/fs/cgroup/memory/memory.limit_in_bytes",
            "/sys/fs/cgroup/memory/memory.usage_in_bytes",
            "/sys/fs/cgroup/memory/memory.stat",
        ],
        ["total_active_file", "total_inactive_file"],
    ),
];

/// Bytes that this process can still take without pushing out anything but cached files: on Linux
/// what the kernel says is available, within what the container's limit leaves; `None` on other
/// systems.
#[cfg(target_os = "linux")]
pub fn available_bytes() -> Option<u64> {
    let text = |path: &str| std::fs::read_to_string(path).ok();
    let machine = field(&text("/proc/meminfo")?, "MemAvailable:")?.saturating_mul(1024);
    let groups = GROUPS.iter().filter_map(|(paths, names)| {
        let [limit, taken, parts] = paths.map(text);
        left_of_group(&limit?, &taken?, &parts?, *names)
    });
    Some(groups.fold(machine, u64::min))
}

/// Bytes that this process can still take: not known on this system.
#[cfg(not(target_os = "linux"))]
pub fn available_bytes() -> Option<u64> {
    None
}

/// Returns the memory that a control group leaves; `None` where it sets no limit. Cached files
/// count as taken, but the kernel drops them before it refuses memory, so they are left.
#[cfg(any(target_os = "linux", test))]
fn left_of_group(limit: &str, taken: &str, parts: &str, files: [&str; 2]) -> Option<u64> {
    let limit: u64 = limit.trim().parse().ok()?;
    let taken: u64 = taken.trim().parse().ok()?;
    let files: u64 = files.iter().filter_map(|name| field(parts, name)).sum();
    Some(limit.saturating_sub(taken.saturating_sub(files)))
}

/// The number beside a name, one pair in a line.
#[cfg(any(target_os = "linux", test))]
fn field(text: &str, name: &str) -> Option<u64> {
    text.lines().find_map(|line| {
        let mut words = line.split_whitespace();
        if words.next()? == name { words.next()?.parse().ok() } else { None }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn linux_tells_what_is_left() {
        assert_eq!(available_bytes().is_some(), cfg!(target_os = "linux"));
        assert!(available_bytes().is_none_or(|bytes| bytes > 1 << 20));
    }

    #[test]
    fn numbers_are_found_by_the_whole_name() {
        let text = "MemFree:  5 kB\nMemAvailable:   7 kB\ninactive_file 8\nactive_file 9\n";
        assert_eq!(field(text, "MemAvailable:"), Some(7));
        assert_eq!(field(text, "active_file"), Some(9));
        assert_eq!(field(text, "file"), None);
    }

    #[test]
    fn a_group_leaves_its_limit_less_what_cannot_be_dropped() {
        let parts = "anon 600\nactive_file 100\ninactive_file 200\n";
        let left =
            |limit, taken| left_of_group(limit, taken, parts, ["active_file", "inactive_file"]);
        assert_eq!(left("1000\n", "900\n"), Some(400));
        assert_eq!(left("1000\n", "1400\n"), Some(0));
        assert_eq!(left("max\n", "900\n"), None);
    }
}
