package store

import (
	"path/filepath"
	"strings"

	"asof/replay/store/source"
)

// storesIn returns a hint that names the stores in a folder.
func storesIn(dir string) string {
	var found []string
	for _, name := range source.FilesIn(dir) {
		switch strings.ToLower(filepath.Ext(name)) {
		case ".db", ".sqlite", ".sqlite3", ".ndjson", ".jsonl":
			found = append(found, filepath.Join(dir, name))
		}
		if len(found) == 3 {
			break
		}
	}
	if len(found) == 0 {
		return "name the file that contains the events"
	}
	return "name a file in it, such as " + strings.Join(found, ", ")
}
