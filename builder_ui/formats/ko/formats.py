"""Korean times: before noon or after it comes first, where Django writes it last. All else is as Django has it."""

TIME_FORMAT = "A g:i"
DATETIME_FORMAT = "Y년 n월 j일 A g:i"
