//! NVIDIA's assembler, for what it reports of a kernel. It comes with the CUDA toolkit, or by
//! `pip install nvidia-cuda-nvcc`.

use std::path::Path;
use std::process::{Command, Output};

/// `ptxas` as it stands in PATH.
pub struct Ptxas {
    /// `V13.5.37`.
    pub version: String,
    folder: tempfile::TempDir,
}

/// Its report on a kernel.
#[derive(Debug, PartialEq, Eq)]
pub struct Report {
    /// Registers of a thread.
    pub registers: u32,
    /// Bytes of shared memory of a group.
    pub shared_bytes: u32,
    /// Bytes of registers that had to be kept in memory.
    pub spill_bytes: u32,
}

impl Ptxas {
    /// Error: why it cannot be used.
    pub fn find() -> Result<Self, String> {
        let output = Command::new("ptxas").arg("--version").output();
        let text = read(output.map_err(|e| format!("{e}; `pip install nvidia-cuda-nvcc`"))?)?;
        let version = text.split_whitespace().find(|word| word.starts_with('V'));
        let folder = tempfile::tempdir().map_err(|e| e.to_string())?;
        Ok(Self { version: version.unwrap_or("without a version").into(), folder })
    }

    /// Assembles one kernel, with more options. Error: what the assembler says.
    pub fn assemble(&self, ptx: &str, architecture: u32, more: &[&str]) -> Result<Report, String> {
        let path = self.folder.path().join("kernel.ptx");
        std::fs::write(&path, ptx).map_err(|e| e.to_string())?;
        let output = Command::new("ptxas")
            .args(["-v", &format!("--gpu-name=sm_{architecture}"), "--output-file"])
            .args([self.folder.path().join("kernel.cubin").as_path(), Path::new(&path)])
            .args(more)
            .output();
        let text = read(output.map_err(|e| e.to_string())?)?;
        let spills = [before(&text, "bytes spill stores"), before(&text, "bytes spill loads")];
        let [Some(stores), Some(loads)] = spills else { return Err(text) };
        Ok(Report {
            registers: before(&text, "registers").ok_or_else(|| text.clone())?,
            shared_bytes: before(&text, "bytes smem").unwrap_or(0),
            spill_bytes: stores + loads,
        })
    }
}

/// Everything that it wrote.
fn read(output: Output) -> Result<String, String> {
    let [out, err] = [&output.stdout, &output.stderr].map(|b| String::from_utf8_lossy(b));
    let text = format!("{out}{err}");
    if output.status.success() { Ok(text) } else { Err(text) }
}

/// The number before these words.
fn before(text: &str, words: &str) -> Option<u32> {
    let (before, _) = text.split_once(words)?;
    before.split_whitespace().last()?.parse().ok()
}
