package dialect

import (
	"errors"

	"asof/replay/store/source"
	"asof/replay/store/sqlite"
	"asof/replay/store/table"
)

// nativeDialect is asof's own layout, version 1 (PRAGMA user_version). The package comment has its DDL.
var nativeDialect = sqlite.Dialect{Name: nativeDialectName, Match: matchNative}

const (
	nativeDialectName = "asof-sqlite"
	nativeVersion     = 1
)

func matchNative(p *sqlite.Probe) (*table.Layout, error) {
	t := p.Table("asof_events")
	if t == nil {
		return nil, errors.New("no table asof_events")
	}
	if err := t.Require("position", "stream", "category", "version", "id", "type", "revision",
		"time", "actor", "correlation_id", "causation_id", "data", "metadata"); err != nil {
		return nil, err
	}
	if p.UserVersion > nativeVersion {
		return nil, &source.NewerError{Dialect: nativeDialectName, Version: int(p.UserVersion), Known: nativeVersion}
	}
	return &table.Layout{
		Recognised: "table asof_events",
		From:       "asof_events",
		Cols: [source.NumFields]string{
			source.Stream: "stream", source.Version: "version", source.Position: "position",
			source.Category: "category", source.Type: "type", source.ID: "id", source.Time: "time",
			source.Revision: "revision", source.Data: "data", source.Meta: "metadata",
			source.Actor: "actor", source.Correlation: "correlation_id", source.Causation: "causation_id",
		},
	}, nil
}
