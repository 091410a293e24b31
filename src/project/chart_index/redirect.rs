//! Whether what is published still comes from where it did.

use anyhow::Result;

use super::gather::State;
use crate::config::Config;
use crate::document::chart_index::IndexEntry;

/// The published URL of an entry that would lead elsewhere: Helm takes the first, so it is the first that is
/// judged. `None` where it names the same archive, in the same hands.
pub(super) fn redirected(
    (before, published): (&State<'_>, &[&IndexEntry]),
    (after, entry): (&State<'_>, &IndexEntry),
    config: &Config,
) -> Result<Option<String>> {
    let sha256 = entry.sha256();
    // A digest that is another one is a change of its own.
    let mut same =
        published.iter().filter(|was| was.sha256().is_none_or(|was| Some(was) == sha256)).peekable();
    let first = same.peek().and_then(|was| was.urls.first()).map(|url| url.text.clone());
    for was in same {
        if stays((before, was), (after, entry), config)? {
            return Ok(None);
        }
    }
    Ok(first)
}

fn stays(
    (before, was): (&State<'_>, &IndexEntry),
    (after, is): (&State<'_>, &IndexEntry),
    config: &Config,
) -> Result<bool> {
    let Some(old) = was.urls.first().map(|url| url.text.as_str()) else { return Ok(true) };
    let Some(new) = is.urls.first().map(|url| url.text.as_str()) else { return Ok(false) };
    if old == new {
        return Ok(true);
    }
    let configured = config.index.url.as_deref();
    let Some((base, to)) = after.places.named(new) else {
        return Ok(
            configured.is_some_and(|base| is_file_below(base, new) && file_name(old) == file_name(new))
        );
    };
    let from = before.places.named(old);
    // What the pushed index says of its own address is no reason to believe it.
    let own = from.as_ref().and_then(|(base, _)| *base);
    if base.is_some() && base != configured && base != own {
        return Ok(false);
    }
    let blob = from.as_ref().map(|(_, path)| before.places.file(path)).transpose()?.flatten();
    match (from, blob) {
        (Some((_, from)), Some(blob)) => Ok(from == to || after.places.file(&to)? == Some(blob)),
        // Nobody can see what was there; the archive that is there now is held against the digest.
        _ => Ok(was.sha256().is_some()),
    }
}

/// Whether a URL stays below an address.
fn is_file_below(base: &str, url: &str) -> bool {
    let rest = url.strip_prefix(base.trim_end_matches('/')).and_then(|rest| rest.strip_prefix('/'));
    rest.is_some_and(|rest| {
        !rest.to_ascii_lowercase().replace("%2e", ".").split('/').any(|part| part == "..")
    })
}

fn file_name(url: &str) -> &str {
    let path = url.split(['?', '#']).next().unwrap_or_default();
    path.rsplit('/').next().unwrap_or_default()
}
