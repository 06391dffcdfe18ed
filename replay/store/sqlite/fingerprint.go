package sqlite

import (
	"asof/replay"
	"asof/replay/store/source"
)

// Fingerprint identifies the database. What had to be decrypted should not be
// kept in clear.
func (r *Reader) Fingerprint() (replay.Fingerprint, bool) {
	return r.print, r.print.Store != ""
}

// fingerprint notes which store the reader reads; content is the contentID that
// its files had before and after it was opened.
func (r *Reader) fingerprint(path, content string, o *source.Options) {
	if len(o.CipherKey) == 0 {
		r.print = replay.Fingerprint{Store: source.StoreID(path, r.info.Dialect, o), Path: path, Content: content}
	}
}
