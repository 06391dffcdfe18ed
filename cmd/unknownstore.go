package cmd

import (
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"

	"asof/replay/store"
)

// mapsAnother reports whether words begin a verb whose --table or --map are those of a read
// model: the mapping of its store stands in asof.toml.
func mapsAnother(words []string) bool {
	return slices.Contains(words, "materialize") || slices.Contains(words, "drift")
}

var notOfName = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`[^A-Za-z0-9_-]+`) })

// writeStore returns the lines of asof.toml that open a store which no dialect fits, by the
// first proposal, and the command line that was typed, with the name of the store.
func (a *app) writeStore(unknown *store.UnknownDialectError, typed []string, at int) string {
	path := typed[at]
	name := notOfName().ReplaceAllString(strings.TrimSuffix(filepath.Base(path), filepath.Ext(path)), "-")
	if strings.Contains(path, "://") || strings.Trim(name, "-") == "" {
		name = "app"
	}
	table, columns := "…", mapFlag{"stream": "…", "version": "…", "type": "…", "data": "…"}
	if len(unknown.Looked) == 1 {
		table = unknown.Looked[0]
	}
	if all := unknown.Openings(); len(all) > 0 {
		table, columns = all[0].Table, nil
		if columns.Set(all[0].Map) != nil {
			return ""
		}
	}
	lines := []string{"[stores." + name + "]", "path = " + strconv.Quote(path)}
	if table != "" {
		lines = append(lines, "table = "+strconv.Quote(table))
	}
	var pairs []string
	for _, field := range slices.Sorted(maps.Keys(columns)) {
		pairs = append(pairs, field+" = "+strconv.Quote(columns[field]))
	}
	lines = append(lines, "map = { "+strings.Join(pairs, ", ")+" }")
	again := slices.Clone(typed)
	again[at] = name
	return choices("write in asof.toml what its columns hold, and name the store so:", append(lines, "asof "+commandLine(again))...)
}
