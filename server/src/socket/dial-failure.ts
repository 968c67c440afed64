// Why a dial came to nothing, in words for whoever wrote the URL down.

/** Of a connection that was not made. */
export function explainDialError(error: Error, { host, hostname }: URL): string {
  const { code = '' } = error as NodeJS.ErrnoException;
  switch (code) {
    case 'ENOTFOUND':
      return `the name ${hostname} is not known`;
    case 'EAI_AGAIN':
      return `no name server answers for ${hostname}`;
    case 'ECONNREFUSED':
      return `nothing listens at ${host}`;
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
    case 'EADDRNOTAVAIL':
      return `there is no way to ${host}`;
    case 'ETIMEDOUT':
      return explainSilence({ host });
    case 'ECONNRESET':
    case 'EPIPE':
      return `${host} broke the connection off`;
    default:
      return isOfCertificate(code)
        ? `the certificate of ${host} is not accepted: ${oneLine(error)}`
        : `${host} cannot be connected to: ${oneLine(error)}`;
  }
}

export function explainSilence({ host }: { host: string }): string {
  return `${host} does not answer`;
}

/** Of an answer that opens no WebSocket. */
export function explainStatus(status: number | undefined, { host }: URL): string {
  return `${host} answered with HTTP status ${status ?? 'none'} and opened no WebSocket`;
}

/** As OpenSSL and Node name what is wrong with one. */
function isOfCertificate(code: string): boolean {
  return /CERT|UNABLE_TO_VERIFY|SELF_SIGNED|HOSTNAME_MISMATCH|INVALID_CA|PATH_LENGTH_EXCEEDED/.test(code);
}

function oneLine({ message }: Error): string {
  return message.replaceAll(/\s+/g, ' ').trim();
}
