package source

import (
	"fmt"
	"slices"
	"strings"

	"asof/replay/fault"
)

// Choose narrows the contexts that a store holds to the one that is asked for,
// if one is.
func (o *Options) Choose(contexts []string) ([]string, error) {
	if o.Context == "" || len(contexts) == 0 {
		return contexts, nil
	}
	if !slices.Contains(contexts, o.Context) {
		return nil, ContextError(fmt.Sprintf("no context %q%s; there are %s", o.Context,
			DidYouMean(o.Context, contexts), Listed(contexts, 10)))
	}
	return []string{o.Context}, nil
}

// A ContextError is of a store whose dialect is known, but not which of its
// applications is meant.
type ContextError string

func (e ContextError) Error() string { return string(e) }

// Class returns [fault.Usage].
func (e ContextError) Class() fault.Class { return fault.Usage }

// Remedy returns nothing: the message says it all.
func (e ContextError) Remedy() fault.Remedy { return fault.Remedy{} }

// Listed joins names, of which it shows so many.
func Listed(names []string, most int) string {
	if len(names) > most {
		return strings.Join(names[:most], ", ") + fmt.Sprintf(" and %d more", len(names)-most)
	}
	return strings.Join(names, ", ")
}

// Without returns the names without one of them.
func Without(names []string, name string) []string {
	var out []string
	for _, n := range names {
		if n != name {
			out = append(out, n)
		}
	}
	return out
}
