package audit

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"strings"
	"sync/atomic"

	"asof/replay"
	"asof/replay/fault"
	"asof/replay/state"
)

// A Redaction withholds fields from an export. The zero value withholds nothing.
type Redaction struct {
	Basis string // the reason, such as an article of a law or a ticket
	By    string // who decided it

	patterns []pattern
	texts    []string
	found    []atomic.Bool // by pattern: an event had such a path
}

// A pattern is the tokens of a path. In a token, * matches any run of characters; a
// token ** matches any number of tokens.
type pattern []string

// maxAnyDepth is the maximum number of ** in a pattern: each multiplies the ways to
// match.
const maxAnyDepth = 3

// withholdable are the first tokens of paths that can be withheld. Without the rest
// of the envelope an export would not be an audit trail.
var withholdable = []string{"data", "metadata", "actor", "correlation_id", "causation_id", "id"}

// addresses are the members of an event that questions name, or that order it.
var addresses = []string{"stream", "category", "type", "version", "position", "time", "revision"}

// A PatternError reports a path to withhold that is not valid.
type PatternError struct {
	Path, Reason string
}

func (e *PatternError) Error() string { return fmt.Sprintf("bad path %q: %s", e.Path, e.Reason) }

// Class returns [fault.Usage].
func (e *PatternError) Class() fault.Class { return fault.Usage }

// Fault returns [fault.KindUsage].
func (*PatternError) Fault() fault.Kind { return fault.KindUsage }

// Remedy returns what to do next.
func (e *PatternError) Remedy() fault.Remedy {
	return fault.Try("a path is a JSON pointer into the event, such as /data/email, /data/*/email, /data/**/iban, /metadata/ip or /actor")
}

// NewRedaction parses the paths to withhold: JSON pointers into the event, with * and
// ** as wildcards. Everything below a path is withheld as well.
func NewRedaction(paths []string, basis, by string) (*Redaction, error) {
	r := &Redaction{Basis: basis, By: by, texts: paths, found: make([]atomic.Bool, len(paths))}
	for _, p := range paths {
		tokens, err := state.ParsePointer(p)
		if err != nil {
			return nil, &PatternError{p, "it is not a JSON pointer"}
		}
		if len(tokens) > 0 && slices.Contains(addresses, tokens[0]) {
			return nil, &PatternError{p, "/" + tokens[0] + " cannot be withheld: events are found by it"}
		}
		if len(tokens) == 0 || !slices.Contains(withholdable, tokens[0]) {
			return nil, &PatternError{p, "it does not start with /" + strings.Join(withholdable, ", /")}
		}
		if n := slices.Index(withholdable, tokens[0]); n >= 2 && len(tokens) > 1 {
			return nil, &PatternError{p, "/" + tokens[0] + " has no members"}
		}
		deep := 0
		for _, t := range tokens {
			if t == "**" {
				deep++
			}
		}
		if deep > maxAnyDepth {
			return nil, &PatternError{p, fmt.Sprintf("it has more than %d **", maxAnyDepth)}
		}
		r.patterns = append(r.patterns, tokens)
	}
	return r, nil
}

func (r *Redaction) none() bool { return r == nil || len(r.patterns) == 0 }

// Unfound returns the paths that no event read so far has.
func (r *Redaction) Unfound() (paths []string) {
	for i, text := range r.texts {
		if !r.found[i].Load() {
			paths = append(paths, text)
		}
	}
	return paths
}

// match reports whether a pattern matches the path, and whether it may match a path
// below it.
func (p pattern) match(tokens []string) (hit, below bool) {
	if len(p) == 0 {
		return len(tokens) == 0, false
	}
	if len(tokens) == 0 {
		return !slices.ContainsFunc(p, func(t string) bool { return t != "**" }), true
	}
	if p[0] == "**" {
		h1, b1 := p[1:].match(tokens)
		h2, b2 := p.match(tokens[1:])
		return h1 || h2, b1 || b2
	}
	if !wildcard(p[0], tokens[0]) {
		return false, false
	}
	return p[1:].match(tokens[1:])
}

// wildcard reports whether p matches s, where * in p matches any run of characters.
func wildcard(p, s string) bool {
	head, rest, star := strings.Cut(p, "*")
	if !star {
		return p == s
	}
	s, ok := strings.CutPrefix(s, head)
	if !ok {
		return false
	}
	parts := strings.Split(rest, "*")
	for i, part := range parts {
		if i == len(parts)-1 {
			return strings.HasSuffix(s, part)
		}
		at := strings.Index(s, part)
		if at < 0 {
			return false
		}
		s = s[at+len(part):]
	}
	return true
}

// hits reports whether the value at a path is withheld, and whether something below
// it may be.
func (r *Redaction) hits(tokens []string) (hit, below bool) {
	for i, p := range r.patterns {
		h, b := p.match(tokens)
		if h && !r.found[i].Load() {
			r.found[i].Store(true)
		}
		hit, below = hit || h, below || b
	}
	return hit, below
}

// withholds reports whether a field is withheld: a pattern matches it or a container
// of it, or may match something inside it if it is a whole container.
func (r *Redaction) withholds(tokens []string, whole bool) bool {
	for n := 1; n <= len(tokens); n++ {
		hit, below := r.hits(tokens[:n])
		if hit || n == len(tokens) && whole && below {
			return true
		}
		if !below {
			return false
		}
	}
	return false
}

// listedPath returns the path under which a withheld field is listed: the path of
// the erased value without the names in it. A name that a wildcard erased is replaced
// by the pattern.
func (r *Redaction) listedPath(tokens []string) string {
	shown := slices.Clone(tokens)
	for n := 1; n <= len(tokens); n++ {
		i := slices.IndexFunc(r.patterns, func(p pattern) bool { hit, _ := p.match(tokens[:n]); return hit })
		if i < 0 {
			continue
		}
		shown = shown[:n]
		p := r.patterns[i]
		for len(p) > 1 && p[len(p)-1] == "**" { // matches no token here
			p = p[:len(p)-1]
		}
		if last := p[len(p)-1]; strings.Contains(last, "*") && n > 1 {
			shown[n-1] = last
		}
		break
	}
	var path []byte
	for _, t := range shown {
		path = state.AppendToken(path, t)
	}
	return string(path)
}

// strip returns a payload or metadata without the withheld values. A withheld element
// of an array becomes null, so that the indexes of the others stay the same.
func (r *Redaction) strip(name string, v state.Value) state.Value {
	if v.IsAbsent() {
		return v
	}
	s := stripper{r: r, tokens: []string{name}, path: 1 + len(name)}
	out, _ := s.strip(v)
	return out
}

type stripper struct {
	r      *Redaction
	tokens []string
	path   int // length of the path in bytes
}

func (s *stripper) strip(v state.Value) (out state.Value, gone bool) {
	hit, below := s.r.hits(s.tokens)
	n := v.Node()
	leaf := n == nil || n.Len() == 0
	if hit || below && !leaf && isWhole(len(s.tokens), s.path) {
		return state.NullValue(), true
	}
	if !below || leaf {
		return v, false
	}
	if v.Kind() == state.Array {
		to := state.NewArray()
		for i, e := range n.Elems() {
			e, _ = s.below(string(state.AppendIndex(nil, i)[1:]), e)
			to.Append(e)
		}
		return to.Value(), false
	}
	to := state.NewObject()
	n.Each(func(k string, e state.Value) bool {
		if e, gone := s.below(k, e); !gone {
			to.Set(k, e)
		}
		return true
	})
	return to.Value(), false
}

func (s *stripper) below(token string, v state.Value) (state.Value, bool) {
	path := s.path
	s.tokens = append(s.tokens, token)
	s.path += 1 + len(state.EscapeToken(token))
	out, gone := s.strip(v)
	s.tokens, s.path = s.tokens[:len(s.tokens)-1], path
	return out, gone
}

// erasedTexts returns the texts, numbers and names that are withheld from a content.
func (r *Redaction) erasedTexts(c *content) (map[string]bool, error) {
	all := map[string]bool{}
	w := walker{}
	w.visit = func(_ []byte, tokens []string, v state.Value, whole bool) error {
		if r.withholds(tokens, whole) {
			addErased(all, v)
			for n := range tokens { // names within what is erased
				if hit, _ := r.hits(tokens[:n+1]); hit {
					for _, t := range tokens[n+1:] {
						addName(all, t)
					}
					break
				}
			}
		}
		return nil
	}
	return all, w.each(c)
}

// apply returns the content without the withheld values, and the removed paths of
// the envelope. It also removes a part of the envelope that was taken from a withheld
// value, such as an actor found in the metadata.
func (r *Redaction) apply(c *content) (out content, removed map[string]bool, err error) {
	texts, err := r.erasedTexts(c)
	if err != nil {
		return *c, nil, err
	}
	out = *c
	for _, s := range slots {
		name := s.path[1:]
		if n := slices.Index(withholdable, name); n < 2 {
			continue
		}
		text := s.at(&out.envelope)
		hit, _ := r.hits([]string{name})
		if *text != "" && (hit || texts[*text]) {
			*text = ""
			if removed == nil {
				removed = map[string]bool{}
			}
			removed[s.path] = true
		}
	}
	out.meta, out.data = r.strip("metadata", c.meta), r.strip("data", c.data)
	return out, removed, nil
}

// A redactedReader yields events without the withheld values, so that no state can
// contain them.
type redactedReader struct {
	replay.Reader
	redaction *Redaction
}

// Reader returns from without the withheld values. Of the optional methods of readers it
// has only Fingerprint: what the others know of a store is not redacted.
func (r *Redaction) Reader(from replay.Reader) replay.Reader { return redactedReader{from, r} }

// Fingerprint returns one of its own: what is read through the redaction is not what the
// store holds.
func (r redactedReader) Fingerprint() (f replay.Fingerprint, ok bool) {
	p, is := r.Reader.(replay.Fingerprinter)
	if !is {
		return f, false
	}
	if f, ok = p.Fingerprint(); ok {
		f.Store += fmt.Sprintf(" without %q", r.redaction.texts)
	}
	return f, ok
}

func (r redactedReader) Events(ctx context.Context, q replay.Query) iter.Seq2[*replay.Event, error] {
	q.Skip &^= replay.FieldData | replay.FieldMeta
	byID, most := q.IDPrefix != "", q.Limit
	if byID { // of those found, some may have no id any more
		q.Skip &^= replay.FieldID
		q.Limit = 0
	}
	return func(yield func(*replay.Event, error) bool) {
		var p parsers
		n := 0
		for e, err := range r.Reader.Events(ctx, q) {
			if err == nil {
				err = r.redaction.event(e, &p)
			}
			if err != nil {
				yield(nil, err)
				return
			}
			if byID && e.ID == "" {
				continue // anyone who guesses a withheld id must not learn that it is right
			}
			n++
			if !yield(e, nil) || byID && n == most {
				return
			}
		}
	}
}

// event removes the withheld values from an event.
func (r *Redaction) event(e *replay.Event, p *parsers) error {
	c, _ := p.content(e)
	out, _, err := r.apply(&c)
	if err != nil {
		return err
	}
	e.ID, e.Meta.Actor, e.Meta.Correlation, e.Meta.Causation = out.id, out.actor, out.correlation, out.causation
	if !out.data.IsAbsent() {
		e.Data = state.AppendJSON(nil, out.data)
	}
	if !out.meta.IsAbsent() {
		e.Meta.Raw = state.AppendJSON(nil, out.meta)
	}
	return nil
}

// parsers parse the payload and the metadata of an event in reused memory.
type parsers struct{ data, meta state.Parser }

// content returns the content of an event. If the payload cannot be read, the content
// has no data and opaque says why.
func (p *parsers) content(e *replay.Event) (c content, opaque string) {
	c.envelope = envelopeOf(e)
	if e.Meta.Raw != nil {
		v, _, err := p.meta.ParsePayload(e.Meta.Raw)
		if err != nil { // the reader breaks its contract
			v = state.StringValue(valid(string(e.Meta.Raw)))
		}
		c.meta = v
	}
	v, err := e.BodyIn(&p.data)
	if err != nil {
		return c, e.Opaque
	}
	c.data = v
	return c, ""
}
