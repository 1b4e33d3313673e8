/** The mark of the product: three courses of water. */
export function Mark({ size = 26 }: { size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 26 26" fill="none" stroke="var(--accent)" strokeWidth={2.4} strokeLinecap="round" aria-hidden>
      <path d="M3 8c4-4 7 4 11 0s6-1 9-1M3 14c4-4 7 4 11 0s6-1 9-1M3 20c4-4 7 4 11 0s6-1 9-1" />
    </svg>
  );
}
