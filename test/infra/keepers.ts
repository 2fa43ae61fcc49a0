/** Types that hold something, or that people know by their names and logical ids: no upgrade may make one anew. */
export const keepers = [
  ...['AWS::DynamoDB::Table', 'AWS::SecretsManager::Secret', 'AWS::SNS::Topic', 'AWS::SNS::Subscription'],
  ...['AWS::KMS::Key', 'AWS::SQS::Queue', 'AWS::Logs::LogGroup', 'AWS::Scheduler::ScheduleGroup'],
  'AWS::S3::Bucket',
];
