use super::super::events::Events;
use super::*;
use crate::domain::RepoPath;

const INDEX: &str = r#"# a comment
apiVersion: v1
entries:
  app:
  # the newest
  - apiVersion: v2
    annotations:
      artifacthub.io/changes: |
        - kind: added
          text: "x"

      a: "b"
      quoted: "a \"b\" # c"
      'odd key': v
    created: "2025-01-01T00:00:00.1Z"
    dependencies:
    - name: b
      tags: [x, 'y', {a: b}]
      version: 1.x
    -   name: 'c'
        alias: >-
            folded
            text

    deprecated: true
    description: A chart, whose text
      is folded
    digest: aa
    keywords:
    - a
    - "b c"
    - 'it''s'
    - goes
      on here
    - .5
    - -1
    - ~
    - {a: b}
    name: app   
    urls:
    - https://example.org/charts/app-1.2.0.tgz
    - charts/a b
    version: 1.2.0 # newest
  - {name: app, version: 1.0.0}
  b.c:
    - name: größe
      home: a:b
      version: "1.10"
generated: "2025-01-01T00:00:00.1Z"
"#;

const VALUES: &str = r#"# Default values

## @section Of all
global: # of all
  imageTag: v2.8.2 # what runs
  labels: {}
  gpuHookPath: /usr/local
  none: [] # yet
  # what is wanted of it
  tolerations: [ ]
resourceName: "nvidia.com/gpu"   # quoted
'odd.key': 'a' #x
list:
  - name: a # the first
    args:
    - --x=1
    - "b" # c
    # behind the last

  - b#c
  -   d: e
      f: 1.5
empty: ""
nothing: # yet
deep:
    one:
    two:
      script: |
        # no comment
        a: b
      node.kubernetes.io/x: "true"
    zwei: grün # ä
flow: {a: 1, b: [c]} # d
last: !!str 1
behind:
"#;

/// How often something is done to a text.
const ROUNDS: usize = 4000;

/// All that is met; `None` where it ends in an error.
fn met(mut events: Events<'_>) -> Option<Vec<String>> {
    let mut met = Vec::new();
    let mut flows = Vec::new();
    while let Some((event, mut range)) = events.advance().ok()? {
        match &event {
            Event::StreamStart | Event::StreamEnd | Event::DocumentStart(..) | Event::DocumentEnd => {
                continue;
            }
            Event::MappingStart(style, ..) | Event::SequenceStart(style, ..) => {
                flows.push(*style == StructureStyle::Flow);
                range.end = range.start;
            }
            // Where a block ends is nowhere asked for.
            Event::MappingEnd | Event::SequenceEnd if !flows.pop().unwrap() => range = 0..0,
            _ => {}
        }
        met.push(format!("{event:?} {range:?}"));
    }
    Some(met)
}

/// Whether the plain reader was enough; then it has to meet what the other one does.
#[track_caller]
fn is_plain(text: &str) -> bool {
    let source = Arc::new(SourceText::new(RepoPath::parse("index.yaml").unwrap(), text));
    let Some(plain) = Quick::new(&source).and_then(|_| met(Events::plain(&source))) else { return false };
    let whole = met(Events::new(&source)).unwrap_or_else(|| panic!("the parser refuses:\n{text}"));
    for (plain, whole) in plain.iter().zip(&whole) {
        assert_eq!(plain, whole, "\n{text}");
    }
    assert_eq!(plain.len(), whole.len(), "\n{text}");
    true
}

#[test]
fn what_a_program_writes_is_plain() {
    assert!(is_plain(INDEX));
    assert!(is_plain(VALUES));
    assert!(is_plain("a:\n"));
    assert!(is_plain(""));
    for text in [
        "a: 1\r\n",
        "a:\n  b\n",
        "\ta: 1\n",
        "---\na: 1\n",
        "a: 1\n---\nb: 1\n",
        "- a\n",
        "a: &x 1\nb: *x\n",
        "? a\n",
        "a: b: c\n",
        "a: 1\n  b: 2\n",
        "a: \"x\n",
        "a: 1\nb\n",
        "a: [\n",
    ] {
        assert!(!is_plain(text), "{text:?}");
    }
}

/// Whatever is done to a text, what is met stays what the parser meets.
#[test]
fn what_is_met_is_what_the_parser_meets() {
    let (mut state, mut plain) = (0x9e37_79b9_7f4a_7c15_u64, 0);
    let mut random = |below: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        usize::try_from(state >> 11).unwrap() % below.max(1)
    };
    let bits = [
        " ", "  ", "\n", "-", "- ", ": ", ":", "#", " #", "\"", "'", "|", ">", "&a", "*a", "!", "!!str ",
        "[", "]", "{", "}", ",", "~", "?", "? ", "%", "@", "`", "\\", "a", "1", "null", "<<", "...", "---",
        "é", "\u{a0}", "\n\n", "|\n", ": |\n", "-\n", ":\n",
    ];
    for _ in 0..ROUNDS {
        let lines: Vec<&str> = [INDEX, VALUES][random(2)].lines().collect();
        let first = random(lines.len());
        let count = 1 + random(lines.len() - first);
        let whole = random(2) == 0;
        let mut lines: Vec<String> = if whole { &lines[..] } else { &lines[first..first + count] }
            .iter()
            .map(ToString::to_string)
            .collect();
        if !whole {
            let indent = lines[0].len() - lines[0].trim_start().len();
            for line in &mut lines {
                *line = line.get(indent..).unwrap_or(line.trim_start()).to_owned();
            }
        }
        for _ in 0..random(4) {
            let at = random(lines.len());
            match random(5) {
                0 => drop(lines.remove(at)),
                1 => lines.insert(at, lines[random(lines.len())].clone()),
                2 => lines[at].insert_str(0, &" ".repeat(1 + random(3))),
                3 => lines[at] = lines[at].strip_prefix("  ").unwrap_or(&lines[at]).to_owned(),
                _ => {
                    let line = &mut lines[at];
                    let places: Vec<usize> =
                        line.char_indices().map(|(at, _)| at).chain([line.len()]).collect();
                    let (from, to) = (places[random(places.len())], places[random(places.len())]);
                    line.replace_range(
                        from..if (from..from + 4).contains(&to) { to } else { from },
                        bits[random(bits.len())],
                    );
                }
            }
            if lines.is_empty() {
                lines.push(String::new());
            }
        }
        let end = if random(8) == 0 { "" } else { "\n" };
        plain += usize::from(is_plain(&(lines.join("\n") + end)));
    }
    assert!(plain * 5 > ROUNDS, "{plain} of {ROUNDS}");
}
