package audit

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"strings"

	"asof/replay"
	"asof/replay/fault"
	"asof/replay/state"
)

// A Redaction withholds fields from an export. Its zero value withholds nothing.
type Redaction struct {
	Basis string // why: the article of a law, a ticket
	By    string // who decided it

	patterns []pattern
	texts    []string
}

// A pattern is the tokens of a path; * stands for any run of characters in a
// token, a token ** for any number of tokens.
type pattern []string

// maxAnyDepth bounds the ** of one pattern: each multiplies the ways to match.
const maxAnyDepth = 3

// withholdable are the first tokens of paths that can be withheld. The rest of
// an envelope is what makes a trail one.
var withholdable = []string{"data", "metadata", "actor", "correlation_id", "causation_id", "id"}

// A PatternError is a path to withhold that can't be understood.
type PatternError struct {
	Path, Reason string
}

func (e *PatternError) Error() string { return fmt.Sprintf("bad path %q: %s", e.Path, e.Reason) }

// Class returns [fault.Usage].
func (e *PatternError) Class() fault.Class { return fault.Usage }

// Remedy returns what to do next.
func (e *PatternError) Remedy() fault.Remedy {
	return fault.Try("a path is a JSON pointer into the event, such as /data/email, /data/*/email, /data/**/iban, /metadata/ip or /actor")
}

// NewRedaction reads the paths to withhold: pointers into the event, in which *
// and ** stand for any. What is below a path goes with it.
func NewRedaction(paths []string, basis, by string) (*Redaction, error) {
	r := &Redaction{Basis: basis, By: by, texts: paths}
	for _, p := range paths {
		tokens, err := state.ParsePointer(p)
		if err != nil {
			return nil, &PatternError{p, "it is no JSON pointer"}
		}
		if len(tokens) == 0 || !slices.Contains(withholdable, tokens[0]) {
			return nil, &PatternError{p, "it does not begin with /" + strings.Join(withholdable, ", /")}
		}
		if n := slices.Index(withholdable, tokens[0]); n >= 2 && len(tokens) > 1 {
			return nil, &PatternError{p, "there is nothing below /" + tokens[0]}
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

// match reports whether a pattern is for the path itself, and whether it may be
// for one below it.
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

// wildcard matches a token with a pattern in which * is any run of characters.
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

// hits reports whether what is at a path is withheld, and whether something below
// it may be.
func (r *Redaction) hits(tokens []string) (hit, below bool) {
	for _, p := range r.patterns {
		h, b := p.match(tokens)
		hit, below = hit || h, below || b
	}
	return hit, below
}

// withholds reports whether a field is withheld: it, or what it is in, is meant,
// or what is in it where it is a whole container.
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

// named is the path under which a field that is withheld is listed: that of what
// was erased, without the names in it, and with the pattern in place of a name that
// was erased by one.
func (r *Redaction) named(tokens []string) string {
	shown := slices.Clone(tokens)
	for n := 1; n <= len(tokens); n++ {
		i := slices.IndexFunc(r.patterns, func(p pattern) bool { hit, _ := p.match(tokens[:n]); return hit })
		if i < 0 {
			continue
		}
		shown = shown[:n]
		p := r.patterns[i]
		for len(p) > 1 && p[len(p)-1] == "**" { // it stands for nothing here
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

// strip returns a payload or metadata without what is withheld. An element of an
// array leaves null in its place, so that the others keep theirs.
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
	path   int // the length of the path in writing
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

// erasedTexts returns the texts, numbers and names that are withheld from a
// content.
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

// apply returns the content without what is withheld, and the paths of the
// envelope that went. A part of the envelope that was made of what is withheld,
// as an actor found in the metadata, goes with it.
func (r *Redaction) apply(c *content) (out content, gone map[string]bool, err error) {
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
			if gone == nil {
				gone = map[string]bool{}
			}
			gone[s.path] = true
		}
	}
	out.meta, out.data = r.strip("metadata", c.meta), r.strip("data", c.data)
	return out, gone, nil
}

// A redactedReader yields events without what is withheld, so that nothing of it
// can get into a state.
type redactedReader struct {
	replay.Reader
	redaction *Redaction
}

func (r redactedReader) Events(ctx context.Context, q replay.Query) iter.Seq2[*replay.Event, error] {
	q.Skip &^= replay.FieldData | replay.FieldMeta
	return func(yield func(*replay.Event, error) bool) {
		var p parsers
		for e, err := range r.Reader.Events(ctx, q) {
			if err == nil {
				err = r.redaction.event(e, &p)
			}
			if err != nil {
				yield(nil, err)
				return
			}
			if !yield(e, nil) {
				return
			}
		}
	}
}

// event takes out of an event what is withheld.
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

// parsers read what an event holds, in memory that is used again.
type parsers struct{ data, meta state.Parser }

// content returns what the fields of an event are made of, and why its payload
// is none of it where it can't be read.
func (p *parsers) content(e *replay.Event) (c content, opaque string) {
	c.envelope = envelopeOf(e)
	if e.Meta.Raw != nil {
		v, _, err := p.meta.ParsePayload(e.Meta.Raw)
		if err != nil { // against the contract of a reader
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
