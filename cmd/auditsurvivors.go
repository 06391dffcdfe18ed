package cmd

import (
	"strings"

	"asof/cmd/render"
	"asof/inspect/audit"
)

// survivors notes where values erased in one place remain in another.
func (a *app) survivors(all []audit.Survivor) {
	for _, s := range all {
		if strings.HasPrefix(s.Path, "/") {
			a.note("redaction", "erased values also appear at "+s.Path+", in "+render.EventCount(s.Events)+": redact that path, too")
		} else {
			a.note("redaction", "erased values also appear in "+s.Path+", which --redact does not cover")
		}
	}
}

// survivorsWithheld notes where else values were found that a page withholds.
func (a *app) survivorsWithheld(all []audit.Survivor) {
	for _, s := range all {
		a.note("redaction", "erased values were also found at "+s.Path+", in "+render.EventCount(s.Events)+", and are withheld there, too")
	}
}
