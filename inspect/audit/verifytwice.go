package audit

import (
	"bytes"
	"context"
	"fmt"
	"strings"

	"asof/replay/state"
)

// said checks the files that only say again what others say: the sums, the public
// key and the first lines of README.txt.
func (v *verification) said(context.Context) error {
	v.sums()
	if v.names[filePublic] && v.key != nil {
		text, err := readSmall(v.path(filePublic), maxCheckpoint)
		line, _, _ := strings.Cut(string(text), "\n")
		want, werr := PublicText(line)
		if err != nil || werr != nil || !sameKey(line, v.key) || !bytes.Equal(text, want) {
			v.find(Manipulated, filePublic, "", "it is not the key that signed the checkpoint, as a verifier key and as PEM")
		}
	}
	if v.names[fileReadme] && v.report != nil && v.checkpoint != nil {
		text, err := readSmall(v.path(fileReadme), maxCheckpoint)
		if want := readmeHead(v.report.exported, v.checkpoint.Size, v.checkpoint.Origin); err != nil || !strings.HasPrefix(string(text), want) {
			v.find(Manipulated, fileReadme, "", "it does not begin with what the bundle holds")
		}
	}
	return nil
}

// sums checks that SHA256SUMS, which people check by hand, says what the manifest
// says.
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
		v.find(Manipulated, fileSums, "", "it does not list the files and sums of the manifest")
	}
}

// asWritten checks that an event has no member but those that are made of what
// its record commits to: whoever has the key could add any other.
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
		o.found(Manipulated, fileEvents, "it is not written as its record has it (its source is %s)", shorten(source))
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

// redactionOf checks what the list of redactions says of a withheld field beside
// its commitment.
func (o *opened) redactionOf(line state.Value, path string) {
	f := o.report
	if f == nil {
		return
	}
	stream, _ := textAt(line, "stream")
	version, _ := versionAt(line, "version")
	if fmt.Sprintf("%s@%d", stream, version) != o.label {
		o.found(Manipulated, fileRedactions, "it says that %s is of %s@%d", shorten(path), stream, version)
	}
	for _, key := range []string{"basis", "by"} {
		if !same(jsonOf(get(line, key)), jsonOf(get(f.redaction, key))) {
			o.found(Manipulated, fileRedactions, "its %q is not that of the report", key)
		}
	}
	tokens, err := state.ParsePointer(path)
	if err != nil || f.paths.none() || inPayload(tokens) && !f.paths.reaches(tokens) {
		o.found(Manipulated, fileRedactions, "%s is withheld, and no path that the report names is for it", shorten(path))
	}
}

func inPayload(tokens []string) bool {
	return len(tokens) > 0 && (tokens[0] == "data" || tokens[0] == "metadata")
}

// reaches reports whether a field at a path, or something within it where it is
// one field as a whole, can be withheld.
func (r *Redaction) reaches(tokens []string) bool {
	return r.withholds(tokens, true)
}
