//! The config as it is written: what `.relguard.yaml` may hold, before it is validated.

use std::fmt;
use std::marker::PhantomData;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{self, Deserialize, Deserializer, MapAccess, Visitor};

use super::Level;
use crate::document::yaml::Spanned;
use crate::domain::text::nearest;
use crate::domain::{RULE_IDS, SortedMap};

/// relguard's config. Without the file, or without a key, the documented process applies.
#[derive(Debug, Default, serde::Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default, remote = "Self")]
#[schemars(title = ".relguard.yaml")]
pub(super) struct RawConfig {
    /// The branch that releases are cut from. Else the remote's HEAD (in a bare repository its own), else `main`, else `master`.
    pub(super) default_branch: Option<Spanned<String>>,
    /// The remote that holds the published branches and tags. Default: `origin`.
    pub(super) remote: Option<Spanned<String>>,
    /// The charts of the project; an empty list says that there are none. Else every `charts/*/Chart.yaml`.
    pub(super) charts: Option<Vec<RawChart>>,
    /// Other files that carry the version.
    pub(super) carriers: Option<Vec<RawCarrier>>,
    /// The changelog, or `false`.
    pub(super) changelog: Option<Toggle<RawChangelog>>,
    /// The release branches.
    pub(super) branches: Option<RawBranches>,
    /// The release tags.
    pub(super) tags: Option<RawTags>,
    /// The chart index.
    pub(super) index: Option<RawIndex>,
    /// The release at which the project's history starts to count: `audit` passes over what was before it.
    pub(super) since: Option<Spanned<String>>,
    /// The severity of single rules.
    #[schemars(with = "Option<std::collections::BTreeMap<RuleName, Level>>")]
    pub(super) rules: Option<SortedMap<RuleName, Level>>,
    /// Findings that the project knows of and lives with.
    pub(super) exceptions: Option<Vec<RawException>>,
}

/// A chart.
#[derive(Debug, serde::Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, remote = "Self")]
pub(super) struct RawChart {
    /// The chart's folder; globs allowed.
    pub(super) path: Spanned<String>,
    /// What `appVersion` has to be, a template; `false`: it is not compared. Default: `{version}`.
    pub(super) app_version: Option<Toggle<Spanned<String>>>,
    /// The values that carry the version. Else `version`, `global.imageTag` and `image.tag` of values.yaml.
    pub(super) values: Option<Vec<RawKey>>,
}

/// A key of a values file.
#[derive(Debug, serde::Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, remote = "Self")]
pub(super) struct RawKey {
    /// The key, with dots between its parts.
    pub(super) key: Spanned<String>,
    /// The file, in the chart's folder. Default: `values.yaml`.
    pub(super) file: Option<Spanned<String>>,
    /// What it has to be, a template. Else the version, with or without `v`.
    pub(super) value: Option<Spanned<String>>,
}

/// A file that carries the version.
#[derive(Debug, serde::Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, remote = "Self")]
pub(super) struct RawCarrier {
    /// The file.
    pub(super) file: Spanned<String>,
    /// What it carries, a template. Default: `{version}`.
    pub(super) value: Option<Spanned<String>>,
    /// The key, in a YAML, TOML or JSON file, with dots between its parts.
    pub(super) key: Option<Spanned<String>>,
    /// A pattern with a group named `version`; every match of it counts.
    pub(super) regex: Option<Spanned<String>>,
}

/// The changelog.
#[derive(Debug, Default, serde::Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default, remote = "Self")]
pub(super) struct RawChangelog {
    /// The file of a minor line. Default: `docs/CHANGELOG/CHANGELOG-{major}.{minor}.md`.
    pub(super) path: Option<Spanned<String>>,
    /// The format sample, which new files and sections are made from.
    pub(super) format: Option<Spanned<String>>,
    /// Where a release's section must be. Default: `release-branch`.
    pub(super) on: Option<On>,
    /// How sections are ordered. Default: `newest-first`.
    pub(super) order: Option<SectionOrder>,
    /// Whether alphas and rcs need a section. Default: `required`.
    pub(super) prereleases: Option<Prereleases>,
}

/// Where a release's section must be.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum On {
    /// At the tagged commit.
    #[default]
    ReleaseBranch,
    /// At the default branch's tip.
    DefaultBranch,
}

/// How sections are ordered.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum SectionOrder {
    /// The newest on top.
    #[default]
    NewestFirst,
    /// The newest at the end.
    OldestFirst,
    /// Not judged.
    Any,
}

/// Whether alphas and release candidates need a section.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Prereleases {
    /// They do.
    #[default]
    Required,
    /// They may go without.
    Optional,
}

/// The release branches.
#[derive(Debug, Default, serde::Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default, remote = "Self")]
pub(super) struct RawBranches {
    /// Their name, a template. Default: `release-{major}.{minor}`.
    pub(super) release: Option<Spanned<String>>,
    /// Globs of branches that only look like release branches.
    pub(super) ignore: Option<Vec<Spanned<String>>>,
}

/// The release tags.
#[derive(Debug, Default, serde::Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default, remote = "Self")]
pub(super) struct RawTags {
    /// Their name, a template. Default: `v{version}`.
    pub(super) release: Option<Spanned<String>>,
    /// Globs of tags that only look like releases.
    pub(super) ignore: Option<Vec<Spanned<String>>>,
    /// Where alphas and rcs may be tagged. Default: `release-branch`.
    pub(super) prereleases_from: Option<PrereleasesFrom>,
    /// Whether tags must be signed. Default: false.
    pub(super) signed: Option<bool>,
}

/// Where alphas and release candidates may be tagged.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum PrereleasesFrom {
    /// On the release branch.
    #[default]
    ReleaseBranch,
    /// On the default branch as well.
    Any,
}

/// The chart index.
#[derive(Debug, Default, serde::Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default, remote = "Self")]
pub(super) struct RawIndex {
    /// The branch that holds it. Default: `gh-pages`.
    pub(super) branch: Option<Spanned<String>>,
    /// The index file there. Default: `index.yaml`.
    pub(super) path: Option<Spanned<String>>,
    /// The folder of the archives there; `false`: they lie elsewhere. Default: `charts`.
    pub(super) archives: Option<Toggle<Spanned<String>>>,
    /// What the URLs of entries start with. Default: relative to the index.
    pub(super) url: Option<Spanned<String>>,
}

/// A finding that the project lives with.
#[derive(Debug, serde::Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, remote = "Self")]
pub(super) struct RawException {
    /// The rule.
    pub(super) rule: RuleName,
    /// The branch or tag.
    pub(super) on: Spanned<String>,
    /// Why it is accepted.
    pub(super) reason: Spanned<String>,
    /// The last day on which it is, `YYYY-MM-DD`, UTC.
    pub(super) until: Option<Spanned<String>>,
}

/// A derived reader takes a list for a mapping, its items in the order of the fields; these don't.
macro_rules! only_mappings {
    ($($type:ident: $expected:literal),+ $(,)?) => {$(
        impl<'de> Deserialize<'de> for $type {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                struct Keys;
                impl<'de> Visitor<'de> for Keys {
                    type Value = $type;

                    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                        f.write_str($expected)
                    }

                    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
                        <$type>::deserialize(de::value::MapAccessDeserializer::new(map))
                    }
                }
                deserializer.deserialize_map(Keys)
            }
        }
    )+};
}

only_mappings! {
    RawConfig: "a mapping of the config's keys",
    RawChart: "a mapping with `path`",
    RawKey: "a mapping with `key`",
    RawCarrier: "a mapping with `file`",
    RawChangelog: "`false` or a mapping",
    RawBranches: "a mapping",
    RawTags: "a mapping",
    RawIndex: "a mapping",
    RawException: "a mapping with `rule`, `on` and `reason`",
}

/// The id of a rule.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct RuleName(pub(super) &'static str);

/// A value, or `false`.
#[derive(Debug)]
pub(super) enum Toggle<T> {
    /// `false`.
    Off,
    /// The value.
    On(T),
}

impl<'de> Deserialize<'de> for RuleName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let known = RULE_IDS.iter().find(|id| **id == text);
        known.map(|id| Self(id)).ok_or_else(|| {
            let near = nearest(&text, RULE_IDS.iter().copied());
            let advice = near
                .map_or("`relguard rules` lists them".to_owned(), |near| format!("did you mean `{near}`?"));
            de::Error::custom(format!("there is no rule `{text}`\n{advice}"))
        })
    }
}

impl JsonSchema for RuleName {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "RuleName".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "enum": RULE_IDS })
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Toggle<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct OnOrOff<T>(PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for OnOrOff<T> {
            type Value = Toggle<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("`false` or a value")
            }

            fn visit_bool<E: de::Error>(self, on: bool) -> Result<Self::Value, E> {
                if on {
                    Err(E::custom("`true` says nothing here\nwrite `false`, or the value itself"))
                } else {
                    Ok(Toggle::Off)
                }
            }

            fn visit_newtype_struct<D: Deserializer<'de>>(
                self,
                deserializer: D,
            ) -> Result<Self::Value, D::Error> {
                T::deserialize(deserializer).map(Toggle::On)
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
                T::deserialize(de::value::MapAccessDeserializer::new(map)).map(Toggle::On)
            }
        }
        deserializer.deserialize_newtype_struct("Toggle", OnOrOff(PhantomData))
    }
}

impl<T: JsonSchema> JsonSchema for Toggle<T> {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        format!("{}OrFalse", T::schema_name()).into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        json_schema!({ "anyOf": [{ "const": false }, generator.subschema_for::<T>()] })
    }
}
