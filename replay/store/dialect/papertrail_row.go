package dialect

import (
	"cmp"
	"errors"

	"asof/replay"
	"asof/replay/store/cell"
	"asof/replay/store/rowdoc"
	"asof/replay/store/source"
	"asof/replay/store/table"
)

// A trailDecoder makes the row after a version of what PaperTrail records: the row before
// it, what changed, the row before the next version, whether there is one, and the live
// row.
type trailDecoder struct {
	names [2]cell.Interner
	docs  rowDocuments
	parts [5][]byte
	out   []byte
}

func (d *trailDecoder) Classify(r *table.Row, e *replay.Event) error {
	return classifyRow(r, e, &d.names)
}

// classifyRow reads the type and the category of a row's version.
func classifyRow(r *table.Row, e *replay.Event, names *[2]cell.Interner) error {
	var err error
	if e.Type, err = table.TextOf(r, source.Type, &names[0]); err != nil {
		return err
	}
	e.Category, err = table.TextOf(r, source.Category, &names[1])
	return err
}

func (d *trailDecoder) Decode(r *table.Row, e *replay.Event, skip replay.Fields) error {
	if skip&replay.FieldData != 0 {
		return nil
	}
	parts, err := cell.SplitTexts(r.At(source.Data).Text(), d.parts[:])
	if err != nil || len(parts) != len(d.parts) {
		return cmp.Or(err, errors.New("not the five parts of a version"))
	}
	var docs [5]rowdoc.Doc
	for i, p := range parts {
		if p == nil || i == 3 {
			continue
		}
		if docs[i], e.Opaque = d.docs.parse(p); e.Opaque != "" {
			return nil
		}
	}
	var row rowdoc.Doc
	row, e.Opaque = rowdoc.After(e.Type == table.RowInsert, e.Type == table.RowDelete, docs[0], docs[1], docs[2], parts[3] != nil, docs[4])
	if e.Opaque == "" {
		d.out = row.Append(d.out[:0])
		e.Data = d.out
	}
	return nil
}

// rowDocuments parses rows and their changes in YAML or JSON.
type rowDocuments struct{ yaml rubyYAML }

func (d *rowDocuments) parse(doc []byte) (rowdoc.Doc, string) {
	if isYAML(doc) {
		var opaque string
		if doc, opaque = d.yaml.json(doc); opaque != "" {
			return rowdoc.Doc{}, opaque
		}
	}
	return rowdoc.Parse(doc)
}
