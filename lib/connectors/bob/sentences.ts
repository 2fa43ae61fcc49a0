/** Of "Error handling"; the two after it have been seen, and are not published there. */
export const sentences = [
  'Unknown field ID: {field}',
  'BAD_REQUEST',
  'Invalid input provided',
  'exception.attendance.project.notfound',
  'project not found',
  'Missing required field: obj[{index}].fieldId -> Missing required filter field id',
  'No permissions to position budget',
  'exception.history.duplicated.bulk',
];
