//! The data files that a network names.

use super::{Content, Field, Network};
use std::path::{Path, absolute};

impl Network {
    /// Lets the paths of data files start from another folder, so that the text of the network
    /// ([`Self::to_toml`]) can stand there. A file below that folder gets a relative path, any
    /// other an absolute one; absolute paths stay. Nothing is read, copied or written.
    pub fn in_folder(mut self, folder: &Path) -> Self {
        let old = std::mem::replace(&mut self.folder, folder.to_path_buf());
        let items = self.populations.iter_mut().map(|item| ("spikes", item));
        let items = items.chain(self.projections.iter_mut().map(|item| ("connect", item)));
        let rates = self.stimuli.iter_mut().map(|item| ("", item));
        for (name, item) in items.chain(rates) {
            for field in &mut item.fields {
                let is_series = name.is_empty() && ["amplitudes", "rate"].contains(&&*field.name);
                if (field.name == name || is_series)
                    && let Some(path) = path_of(field)
                {
                    *path = moved(path, &old, folder);
                }
            }
        }
        self
    }
}

/// The path of a data file in the value of a field: a list of spikes has it as a text, other
/// values have it as the field `file` of a table.
fn path_of(field: &mut Field) -> Option<&mut String> {
    match &mut field.value.content {
        Content::Text(path) if field.name == "spikes" => Some(path),
        Content::Table(fields) => {
            let file = fields.iter_mut().find(|field| field.name == "file")?;
            match &mut file.value.content {
                Content::Text(path) => Some(path),
                _ => None,
            }
        }
        _ => None,
    }
}

/// The path of the same file from another folder.
fn moved(path: &str, from: &Path, to: &Path) -> String {
    let here = Path::new(".");
    let (full, to) = (absolute(here.join(from).join(path)), absolute(here.join(to)));
    match (full, to) {
        (Ok(full), Ok(to)) if !path.is_empty() && Path::new(path).is_relative() => {
            full.strip_prefix(&to).unwrap_or(&full).to_string_lossy().into_owned()
        }
        // One that names the same file from everywhere, or none, or there is no current folder.
        _ => path.into(),
    }
}
