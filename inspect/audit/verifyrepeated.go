package audit

import (
	"bytes"
	"context"
	"fmt"
	"strings"

	"asof/replay/state"
)

// repeated checks the files that repeat facts of other files: the sums, the public key
// and the first lines of README.txt.
func (v *verification) repeated(context.Context) error {
	v.sums()
	if v.names[filePublic] && v.key != nil {
		text, err := readSmall(v.path(filePublic), maxCheckpoint)
		line, _, _ := strings.Cut(string(text), "\n")
		want, werr := PublicText(line)
		if err != nil || werr != nil || !sameKey(line, v.key) || !bytes.Equal(text, want) {
			v.find(Manipulated, filePublic, "", "it is not the verifier key that signed the checkpoint, followed by the same key as PEM")
		}
	}
	if v.names[fileReadme] && v.report != nil && v.checkpoint != nil {
		text, err := readSmall(v.path(fileReadme), maxCheckpoint)
		if want := readmeHead(v.report.exported, v.checkpoint.Size, v.checkpoint.Origin); err != nil || !strings.HasPrefix(string(text), want) {
			v.find(Manipulated, fileReadme, "", "its first lines do not match the bundle")
		}
	}
	return nil
}

// sums checks that SHA256SUMS, which people check by hand, matches the manifest.
func (v *verification) sums() {
	if !v.names[fileSums] || v.listed == nil {
		return
	}
	var b bundle
	for name, f := range v.listed {
		if name != fileSums {
			b.files = append(b.files, f)
		}
	}
	text, err := readSmall(v.path(fileSums), maxManifest)
	if err != nil || !bytes.Equal(text, b.sumsText()) {
		v.find(Manipulated, fileSums, "", "it does not match the files and sums in the manifest")
	}
}

// asWritten checks that an event has only the members that follow from its record.
// The owner of the key could add any other.
func (o *opened) asWritten(rec *Record, c *content) {
	if o.checkpoint == nil && !o.alone {
		return
	}
	source, _ := textAt(o.event, "source")
	origin := o.Origin
	e := o.parsed
	l := &leaf{event: &e, content: *c, opaque: e.Opaque, record: *rec, redacted: !get(o.line, "fields").IsAbsent(), withheldFields: o.withheld()}
	want := cloudEvent(l, o.leaf, origin)
	if !same(want, o.event) {
		o.found(Manipulated, fileEvents, "it is not written as its record says (its source is %s)", shorten(source))
	}
}

// withheld counts the fields of the event that are withheld.
func (o *opened) withheld() (n int) {
	for _, p := range elems(get(o.line, "fields")) {
		if !get(p, "commitment").IsAbsent() {
			n++
		}
	}
	return n
}

// checkRedaction checks a line of the list of redactions, except for its commitment.
func (o *opened) checkRedaction(line state.Value, path string) {
	f := o.report
	if f == nil {
		return
	}
	stream, _ := textAt(line, "stream")
	version, _ := versionAt(line, "version")
	if fmt.Sprintf("%s@%d", stream, version) != o.label {
		o.found(Manipulated, fileRedactions, "it says that %s belongs to %s@%d", shorten(path), stream, version)
	}
	for _, key := range []string{"basis", "by"} {
		if !same(jsonOf(get(line, key)), jsonOf(get(f.redaction, key))) {
			o.found(Manipulated, fileRedactions, "its %q differs from the report", key)
		}
	}
	tokens, err := state.ParsePointer(path)
	if err != nil || f.paths.none() || inPayload(tokens) && !f.paths.reaches(tokens) {
		o.found(Manipulated, fileRedactions, "%s is withheld, but no path in the report matches it", shorten(path))
	}
}

func inPayload(tokens []string) bool {
	return len(tokens) > 0 && (tokens[0] == "data" || tokens[0] == "metadata")
}

// reaches reports whether a field can be withheld. The field may be a whole container
// with something to withhold inside it.
func (r *Redaction) reaches(tokens []string) bool {
	return r.withholds(tokens, true)
}
