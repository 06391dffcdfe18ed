package audit

import "encoding/hex"

// CommitPayload is the commitment to a payload with the secret of its event.
func CommitPayload(secret, payload string) string {
	raw, err := hex.DecodeString(secret)
	if err != nil {
		panic(err)
	}
	var c committer
	c.begin(raw)
	return hexOf(c.bytes(forPayload, c.salt("payload", nil), []byte(payload)))
}

// RecordText writes a record.
func RecordText(r *Record) string { return string(r.append(nil)) }
