package sqlite

import (
	"fmt"

	"asof/replay/store/cell"
	"asof/replay/store/table"
)

var sqliteFlavour = table.Flavour{
	Param: func(n int, _ any) string { return fmt.Sprintf("?%d", n) },
	Bytes: func(e string) string { return e }, // the default collation compares bytes
	After: cell.AfterPrefix,
	Blobs: true,
}

// collatingFlavour is for stores whose columns may have another collation. It is not the
// default, because SQLite skips an index if an OR contains a collation.
var collatingFlavour = table.Flavour{
	Param: sqliteFlavour.Param,
	Bytes: func(e string) string { return e + " COLLATE BINARY" },
	After: sqliteFlavour.After,
	Blobs: true,
}

// wideFlavour is for stores in UTF-16. Their indexes can find a text but not order by its
// UTF-8 bytes.
var wideFlavour = table.Flavour{
	Param: sqliteFlavour.Param,
	Bytes: func(e string) string { return e + " COLLATE " + byteOrder },
	Same:  collatingFlavour.Bytes,
	After: func(string) (string, bool) { return "", false }, // it may not be valid text
	Blobs: true,
}

// Flavour returns the SQL variant for the store's tables.
func (p *Probe) Flavour() (table.Flavour, error) {
	if p.wide {
		return wideFlavour, nil
	}
	v, err := p.First("SELECT 1 FROM sqlite_schema WHERE sql LIKE '%collate%'")
	if v.Kind != cell.Null {
		return collatingFlavour, err
	}
	return sqliteFlavour, err
}
