package sqlite

import (
	"fmt"

	"asof/replay/store/cell"
	"asof/replay/store/table"
)

var sqliteFlavour = table.Flavour{
	Param: func(n int, _ any) string { return fmt.Sprintf("?%d", n) },
	Bytes: func(e string) string { return e }, // as all columns compare that do not say otherwise
	After: cell.AfterPrefix,
	Blobs: true,
}

// collatingFlavour is for stores where a column may say otherwise. It is not for
// all, because SQLite passes over an index where a collation stands in an OR.
var collatingFlavour = table.Flavour{
	Param: sqliteFlavour.Param,
	Bytes: func(e string) string { return e + " COLLATE BINARY" },
	After: sqliteFlavour.After,
	Blobs: true,
}

// wideFlavour is for stores in UTF-16. Their indexes serve to find a text, and not
// to order by it.
var wideFlavour = table.Flavour{
	Param: sqliteFlavour.Param,
	Bytes: func(e string) string { return e + " COLLATE " + byteOrder },
	Same:  collatingFlavour.Bytes,
	After: func(string) (string, bool) { return "", false }, // it need not be a text
	Blobs: true,
}

// Flavour is that of the store's tables.
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
