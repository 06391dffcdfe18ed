package source

import (
	"fmt"
	"slices"
	"strings"

	"asof/replay/fault"
)

// Choose returns the contexts to read: the requested one, or all.
func (o *Options) Choose(contexts []string) ([]string, error) {
	if o.Context == "" || len(contexts) == 0 {
		return contexts, nil
	}
	if !slices.Contains(contexts, o.Context) {
		return nil, &ContextError{Known: contexts, Msg: fmt.Sprintf("no context %q%s; there are %s", o.Context,
			DidYouMean(o.Context, contexts), Listed(contexts, 10))}
	}
	return []string{o.Context}, nil
}

// A ContextError means that the dialect is known, but not which of its contexts is meant.
type ContextError struct {
	Msg      string
	Contexts []string // to choose from
	Known    []string // the same, if the message names them
}

func (e *ContextError) Error() string { return e.Msg }

// Class returns [fault.Usage].
func (e *ContextError) Class() fault.Class { return fault.Usage }

// Fault returns [fault.KindNeedsContext].
func (*ContextError) Fault() fault.Kind { return fault.KindNeedsContext }

// Remedy returns the contexts to choose from, if the message does not name them.
func (e *ContextError) Remedy() fault.Remedy {
	if len(e.Contexts) == 0 {
		return fault.Remedy{Said: e.Known[:min(10, len(e.Known))]}
	}
	return fault.Try("choose one").With("context", e.Contexts[:min(10, len(e.Contexts))]...)
}

// Listed joins up to most names and counts the rest.
func Listed(names []string, most int) string {
	if len(names) > most {
		return strings.Join(names[:most], ", ") + fmt.Sprintf(" and %d more", len(names)-most)
	}
	return strings.Join(names, ", ")
}

// Without returns the names except one.
func Without(names []string, name string) []string {
	var out []string
	for _, n := range names {
		if n != name {
			out = append(out, n)
		}
	}
	return out
}
