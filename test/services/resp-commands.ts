const CR_LF = Buffer.from('\r\n');

/** Reads the names of the commands in a client's half of a connection, whatever way it is cut into chunks. */
export class RespCommands {
  #rest: Buffer = Buffer.alloc(0);
  /** Bytes of the present argument still to come, its line end included. */
  #skip = 0;
  /** Arguments of the present command still to come. */
  #arguments = 0;
  #nameDue = false;

  /** The names, upper case, of the commands whose name ends in this chunk. */
  read(chunk: Buffer): string[] {
    const names: string[] = [];
    let data = this.#rest.length > 0 ? Buffer.concat([this.#rest, chunk]) : chunk;
    for (;;) {
      if (this.#skip > 0) {
        const skipped = Math.min(this.#skip, data.length);
        this.#skip -= skipped;
        data = data.subarray(skipped);
        if (this.#skip > 0) break;
      }
      const end = data.indexOf(CR_LF);
      if (end < 0) break;
      const line = data.toString('latin1', 0, end);
      if (line.startsWith('*')) {
        this.#arguments = Number(line.slice(1));
        this.#nameDue = this.#arguments > 0;
        data = data.subarray(end + 2);
      } else if (line.startsWith('$') && this.#arguments > 0) {
        const length = Number(line.slice(1)) + 2;
        if (this.#nameDue) {
          if (data.length < end + 2 + length) break;
          names.push(data.toString('latin1', end + 2, end + length).toUpperCase());
          this.#nameDue = false;
        }
        this.#arguments--;
        this.#skip = length;
        data = data.subarray(end + 2);
      } else {
        // An inline command, as people type them.
        names.push(line.trim().split(' ')[0]!.toUpperCase());
        data = data.subarray(end + 2);
      }
    }
    this.#rest = data;
    return names;
  }
}
