package store

import (
	"slices"
	"strings"
	"testing"

	"asof/fixtures/write"
	"asof/replay/store/storetest"
)

// TestDialectsConform writes the history in the layout of every library, with its own DDL,
// and reads it back.
func TestDialectsConform(t *testing.T) {
	for _, d := range write.Dialects() {
		t.Run(strings.TrimSpace(d.Name+" "+d.Variant), func(t *testing.T) {
			t.Parallel()
			events := history(150)
			events[7].Data = []byte("{}")
			path := writtenBy(t, d, events)
			conform(t, path, d.Shown(slices.Values(events)), Options{}, storetest.Sample)
			r := mustOpen(t, path, Options{})
			if got := r.Info().Dialect; got != d.Name {
				t.Errorf("detected as %s", got)
			}
			if _, err := r.Summary(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
}
