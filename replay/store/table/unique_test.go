package table

import (
	"testing"

	"asof/replay/store/source"
)

func TestKeyed(t *testing.T) {
	for _, c := range []struct {
		stream, version string
		unique          []string
		want            bool
	}{
		{"stream", "version", []string{"stream", "version"}, true},
		{"e.Stream", `e."Version"`, []string{"version", "stream"}, true},
		{"stream", "version", []string{"version"}, true},
		{"stream", "version", []string{"tenant", "stream", "version"}, false},
		{"a || b", "version", []string{"a", "version"}, false},
		{"stream", "version", []string{"stream", ""}, false}, // of an expression
		{"stream", "version", nil, false},
	} {
		l := &Layout{Cols: [source.NumFields]string{source.Stream: c.stream, source.Version: c.version}}
		var uniques [][]string
		if c.unique != nil {
			uniques = append(uniques, c.unique)
		}
		if got := l.isKeyed(uniques); got != c.want {
			t.Errorf("%+v: %v", c, got)
		}
	}
}
