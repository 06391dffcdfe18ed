package store

import (
	"errors"
	"fmt"
)

// nativeDialect is our own layout; the package comment has its DDL.
var nativeDialect = dialect{name: "asof-sqlite", match: matchNative}

const nativeVersion = 1

func matchNative(p *probe) (*layout, error) {
	t := p.table("asof_events")
	if t == nil {
		return nil, errors.New("no table asof_events")
	}
	if err := t.require("position", "stream", "category", "version", "id", "type", "revision",
		"time", "actor", "correlation_id", "causation_id", "data", "metadata"); err != nil {
		return nil, err
	}
	if p.userVersion > nativeVersion {
		return nil, fmt.Errorf("its layout is version %d, and this asof knows %d", p.userVersion, nativeVersion)
	}
	return &layout{
		recognised: "table asof_events",
		from:       "asof_events",
		cols: [numColumns]string{
			colStream: "stream", colVersion: "version", colPosition: "position",
			colCategory: "category", colType: "type", colID: "id", colTime: "time",
			colRevision: "revision", colData: "data", colMeta: "metadata",
			colActor: "actor", colCorrelation: "correlation_id", colCausation: "causation_id",
		},
	}, nil
}
