package why

import (
	"slices"
	"strings"

	"asof/replay"
	"asof/replay/state"
)

// A part is what an input is.
type part struct {
	from  replay.Source
	path  string
	parts bool
}

// collect makes the inputs of what the handler read, each once. The wants are those of the state.
func (o *opening) collect(root state.Value, w *replay.Watch) (wants []*want, of []*Input) {
	reads := w.Reads()
	if len(reads) > mostInputs {
		reads = o.nearFirst(reads)
	}
	elsewhere := false
	known := map[part]bool{} // a script may read the text of a payload, and its parts
	for _, r := range reads {
		if r.From == replay.FromAnother { // nothing of it is known
			if elsewhere {
				continue
			}
			elsewhere = true
		}
		for _, in := range o.inputs(root, r) {
			one := part{in.From, in.own, in.Parts}
			if known[one] {
				continue
			}
			known[one] = true
			if len(o.n.Inputs) == mostInputs {
				o.n.Unseen = "the handler reads more than can be followed"
				return wants, of
			}
			o.n.Inputs = append(o.n.Inputs, in)
			if in.From == replay.FromState {
				wants = append(wants, &want{path: in.Path, parts: in.Parts, absent: in.Value.IsAbsent()})
				of = append(of, in)
			}
		}
	}
	return wants, of
}

// nearFirst returns the reads by their rank: a handler may have looked through a long list for
// one element.
func (o *opening) nearFirst(reads []replay.Read) []replay.Read {
	reads = slices.Clone(reads)
	slices.SortStableFunc(reads, func(x, y replay.Read) int { return o.rank(x.From, x.Path) - o.rank(y.From, y.Path) })
	return reads
}

// rank orders what was read: what is not of the state, then what is in the container of the
// result, then the rest.
func (o *opening) rank(from replay.Source, path string) int {
	result := o.p.outs[0].path
	around := result[:max(strings.LastIndexByte(result, '/'), 0)]
	switch {
	case from != replay.FromState:
		return 0
	case around != "" && state.HasPrefix(path, around):
		return 1
	}
	return 2
}

// fieldsOnly returns the fields of the event that a fold without reports has in its
// result.
func (o *opening) fieldsOnly() *replay.Watch {
	w := &replay.Watch{}
	o.n.Unseen = "only the fields of the event are known: the fold does not report what it reads"
	body, err := o.t.Event().Body()
	if err != nil {
		return w
	}
	_, ahead := o.a.past.Subject.Fold.Reducer.(replay.Prefetcher)
	for _, x := range o.p.outs {
		at := replay.Read{From: replay.FromPayload}
		found := o.fieldIn(body, x.tokens)
		if at.Whole = len(found) < len(x.tokens) && (ahead || len(found) == 0); !at.Whole { // a command may make it from anything
			for _, token := range found {
				at = at.At(token)
			}
		}
		w.Add(at)
	}
	return w
}

// fieldIn returns the part of a path that a payload has. What an event removed from an array may
// have another element in its place there: a merge replaces the whole array.
func (o *opening) fieldIn(body state.Value, tokens []string) []string {
	for i, token := range tokens {
		gone := o.n.Value.IsAbsent() && body.Kind() == state.Array
		if body = state.Within(body, []string{token}); body.IsAbsent() || gone {
			return tokens[:i]
		}
	}
	return tokens
}
