package audit

import (
	"bytes"
	"slices"
	"strings"

	"golang.org/x/mod/sumdb/tlog"

	"asof/replay/state"
)

// openRoot returns the root over the fields of an event without withheld fields.
func (o *opened) openRoot(c *content) (tlog.Hash, error) {
	o.commit.tree.size = 0
	o.walk.visit = func(path []byte, _ []string, v state.Value, _ bool) error {
		return o.commit.addField(o.commit.field(o.commit.salt("field", path), path, v))
	}
	if err := o.walk.each(c); err != nil {
		return tlog.Hash{}, err
	}
	return o.commit.tree.root()
}

// redactedRoot returns the root over the fields of an event with withheld fields: the
// given commitments for these, computed commitments for the others.
func (o *opened) redactedRoot(c *content) (tlog.Hash, error) {
	o.redactedEvents++
	r := redactedFields{opened: o, proofs: elems(get(o.line, "fields")), hidden: map[string]bool{}, masked: map[string][]string{}}
	if f := o.report; f != nil && f.paths.none() {
		o.found(Manipulated, fileReport, "it says that nothing is withheld, but something is")
	}
	r.hide()
	o.commit.tree.size = 0
	o.walk.visit = r.field
	if err := o.walk.each(c); err != nil {
		return tlog.Hash{}, err
	}
	if err := r.skipWithheld(); err != nil {
		return tlog.Hash{}, err
	}
	for ; r.next < len(r.proofs); r.next++ {
		path, _ := textAt(r.proofs[r.next], "path")
		o.found(Missing, fileEvents, "its field %s is missing, but was not withheld", shorten(path))
	}
	return o.commit.tree.root()
}

// redactedFields reads the fields of an event and the exported proofs of them side
// by side.
type redactedFields struct {
	*opened
	proofs []state.Value
	next   int
	hidden map[string]bool     // withheld paths and their parents
	masked map[string][]string // patterns of withheld names, by parent path
}

// hide records the withheld paths.
func (r *redactedFields) hide() {
	for _, p := range r.proofs {
		if get(p, "commitment").IsAbsent() {
			continue
		}
		path, _ := textAt(p, "path")
		r.Withheld++
		r.checkListed(p, path)
		if at := strings.LastIndexByte(path, '/'); at > 0 && strings.Contains(path[at:], "*") && !slices.Contains(r.masked[path[:at]], path[at+1:]) {
			r.masked[path[:at]] = append(r.masked[path[:at]], path[at+1:])
		}
		for range wholeDepth + 2 { // no path that asof writes is longer
			r.hidden[path] = true
			at := strings.LastIndexByte(path, '/')
			if at < 0 {
				break
			}
			path = path[:at]
		}
	}
}

// hides reports whether something at or below a path is withheld, or a pattern of a
// withheld name matches it.
func (r *redactedFields) hides(path string) bool {
	if r.hidden[path] {
		return true
	}
	at := strings.LastIndexByte(path, '/')
	return at > 0 && slices.ContainsFunc(r.masked[path[:at]], func(p string) bool { return wildcard(p, path[at+1:]) })
}

// skipWithheld adds the commitments up to the next exported field.
func (r *redactedFields) skipWithheld() error {
	for ; r.next < len(r.proofs); r.next++ {
		text, ok := textAt(r.proofs[r.next], "commitment")
		if !ok {
			return nil
		}
		raw := unhex(text, tlog.HashSize)
		if raw == nil {
			r.found(Unreadable, fileLeaves, "a commitment to a field cannot be read")
			raw = make([]byte, tlog.HashSize)
		}
		if err := r.commit.addField(tlog.Hash(raw)); err != nil {
			return err
		}
	}
	return nil
}

func (r *redactedFields) field(path []byte, _ []string, v state.Value, _ bool) error {
	if err := r.skipWithheld(); err != nil {
		return err
	}
	var want string
	if r.next < len(r.proofs) {
		want, _ = textAt(r.proofs[r.next], "path")
	}
	if want != string(path) {
		// A withheld field leaves null or an empty container.
		if left := v.Kind() == state.Null || v.Node() != nil && v.Node().Len() == 0; !left || !r.hides(string(path)) {
			r.found(Manipulated, fileEvents, "its field %s is not an exported one", path)
		}
		return nil
	}
	text, _ := textAt(r.proofs[r.next], "salt")
	raw := unhex(text, saltSize)
	if raw == nil {
		r.found(Unreadable, fileLeaves, "the salt of %s cannot be read", path)
		raw = make([]byte, saltSize)
	}
	r.next++
	return r.commit.addField(r.commit.field(salt(raw), path, v))
}

// checkListed checks that a withheld field is in the list of redactions.
func (o *opened) checkListed(proof state.Value, path string) {
	if o.alone {
		return
	}
	if o.redactions == nil {
		o.found(Missing, fileRedactions, "%s is withheld, but there is no list of redactions", shorten(path))
		return
	}
	for !o.redaction.IsAbsent() {
		leaf, _ := intAt(o.redaction, "leaf")
		if leaf >= o.leaf {
			break
		}
		o.find(Manipulated, fileRedactions, lineEntry(o.redactions), "nothing is withheld there")
		o.nextRedaction()
	}
	listed, _ := textAt(o.redaction, "path")
	leaf, _ := intAt(o.redaction, "leaf")
	if leaf != o.leaf || listed != path || o.redaction.IsAbsent() {
		o.found(Missing, fileRedactions, "%s is withheld, but not listed in its place", shorten(path))
		return
	}
	a, _ := textAt(o.redaction, "commitment")
	b, _ := textAt(proof, "commitment")
	if !bytes.Equal([]byte(a), []byte(b)) {
		o.found(Manipulated, fileRedactions, "the commitment to %s differs from the one in %s", shorten(path), fileLeaves)
	}
	o.checkRedaction(o.redaction, path)
	o.nextRedaction()
}

// nextRedaction reads the next line of the list of redactions.
func (w *leafVerifier) nextRedaction() {
	for w.redactions != nil {
		v, err := w.redactions.json()
		if w.atEnd(fileRedactions, w.redactions, err) {
			w.redaction = state.Value{}
			return
		}
		if err == nil {
			w.redaction = v
			return
		}
	}
}
